"""Writes ../data/advantages.json: for every estimator three cases with values worked out here, from the published
definitions, with plain lists and recursion: nothing of the product's columns, segments or single passes.

Run from anywhere:  python3 test/golden/advantages/vectors.py
"""

import json
import math
import pathlib
import random

SEEDS = (11, 12, 13)


def mean(numbers):
    return math.fsum(numbers) / len(numbers)


def population(numbers):
    centre = mean(numbers)
    return math.sqrt(math.fsum((number - centre) ** 2 for number in numbers) / len(numbers))


def sample(numbers):
    centre = mean(numbers)
    return math.sqrt(math.fsum((number - centre) ** 2 for number in numbers) / (len(numbers) - 1))


# --- cases -----------------------------------------------------------------------------------------------------------


def flat_case(seed):
    """Groups of independent rollouts: rewards, lengths, conditions, greedy rewards, step rewards, values, states."""
    rng = random.Random(seed)
    rollouts = []
    for task in range(4):
        greedy = rng.choice([0, 0.5, 1])
        for member in range(rng.choice([4, 6, 8])):
            reward = round(rng.choice([0, 0, 1, 1, rng.random()]), 3)
            count = rng.randint(2, 5)
            steps = [flat_step(rng, task, depth) for depth in range(count)]
            rollouts.append(
                {
                    "id": f"task-{task}/{member}",
                    "reward": reward,
                    "length": rng.randint(10, 400),
                    "condition": rng.choice(["guided", "free"]),
                    "greedy": greedy,
                    "steps": steps,
                }
            )
    # a group with equal rewards, and a rollout without one
    for member in range(3):
        rollouts.append(
            {
                "id": f"flat/{member}",
                "reward": 0.1,
                "length": 20,
                "condition": "free",
                "greedy": 0,
                "steps": [flat_step(rng, 9, 0)],
            }
        )
    rollouts[1]["reward"] = None
    return rollouts


def flat_step(rng, task, depth):
    acts = rng.random() < 0.85 or depth == 0
    return {
        "acts": acts,
        "reward": rng.choice([0, 0.25, 1]) if acts and rng.random() < 0.8 else None,
        "value": round(rng.random(), 3),
        "state": f"{task}-{rng.randint(0, 2)}",
        "policy": round(-5 * rng.random(), 3),
        "reference": round(-5 * rng.random(), 3),
        "logged": round(rng.uniform(-2, 2), 3) if acts and rng.random() < 0.5 else None,
    }


def tree_case(seed):
    """Two tasks whose rollouts branch off each other: a branch records only its own steps."""
    rng = random.Random(seed)
    rollouts = []
    for task in range(2):
        members = []
        for member in range(9):
            parent = rng.choice(members) if members and rng.random() < 0.6 else None
            branch = rng.randrange(parent["count"]) if parent else None
            count = rng.randint(1, 4)
            rollout = {
                "id": f"tree-{task}/{member}",
                "parent": parent["id"] if parent else None,
                "branchStep": branch,
                "reward": round(rng.choice([0, 0, 1, rng.random()]), 3),
                "steps": [{"acts": True, "entropy": round(rng.random() * 2, 3)} for _ in range(count)],
            }
            members.append({"id": rollout["id"], "count": count})
            rollouts.append(rollout)
    rollouts[4]["reward"] = None
    return rollouts


def groups_of(rollouts):
    groups = {}
    for rollout in rollouts:
        groups.setdefault(rollout["id"].split("/")[0], []).append(rollout)
    return list(groups.values())


def rewarded(group):
    return [rollout["reward"] for rollout in group if rollout["reward"] is not None]


# --- estimators that give one value to a rollout ---------------------------------------------------------------------


def by_group(value):
    """`value(rollout, group)` for rollouts with a reward, in groups whose rewards differ; else none."""

    def run(rollouts):
        answer = {}
        for group in groups_of(rollouts):
            rewards = rewarded(group)
            for rollout in group:
                silent = rollout["reward"] is None or len(rewards) < 2 or min(rewards) == max(rewards)
                answer[rollout["id"]] = None if silent else value(rollout, group)
        return answer

    return run


def normalised(std, epsilon=1e-6):
    return by_group(lambda one, group: (one["reward"] - mean(rewarded(group))) / (std(rewarded(group)) + epsilon))


def leave_one_out(one, group):
    others = [rollout["reward"] for rollout in group if rollout is not one and rollout["reward"] is not None]
    return one["reward"] - mean(others)


def opo(one, group):
    known = [rollout for rollout in group if rollout["reward"] is not None]
    tokens = sum(rollout["length"] for rollout in known)
    return one["reward"] - sum(rollout["length"] * rollout["reward"] for rollout in known) / tokens


def pass_k(rollouts):
    answer = {rollout["id"]: None for rollout in rollouts}
    for group in groups_of(rollouts):
        known = sorted((rollout for rollout in group if rollout["reward"] is not None), key=lambda one: -one["reward"])
        if len(known) > 1 and known[0]["reward"] > known[1]["reward"]:
            answer[known[0]["id"]] = known[0]["reward"] - known[1]["reward"]
    return answer


def complementary(rollouts):
    answer = {}
    for group in groups_of(rollouts):
        for rollout in group:
            kind = [other["reward"] for other in group if other["condition"] == rollout["condition"]]
            kind = [reward for reward in kind if reward is not None]
            silent = rollout["reward"] is None or len(kind) < 2 or min(kind) == max(kind)
            answer[rollout["id"]] = None if silent else (rollout["reward"] - mean(kind)) / (sample(kind) + 1e-6)
    return answer


def dapo(rollouts):
    """Outcomes are success at reward 1, failure at 0, else unknown; only groups of known equal outcomes are dropped."""
    answer = {}
    for group in groups_of(rollouts):
        outcomes = {outcome_of(rollout["reward"]) for rollout in group}
        shaped = {}
        for rollout in group:
            length, free = rollout["length"], 300 - 100
            penalty = 0 if length <= free else (free - length) / 100 if length <= 300 else -1
            if rollout["reward"] is not None:
                shaped[rollout["id"]] = rollout["reward"] + penalty
        numbers = list(shaped.values())
        dropped = len(outcomes) == 1 and outcomes != {"unknown"}
        silent = dropped or len(numbers) < 2 or min(numbers) == max(numbers)
        for rollout in group:
            known = rollout["id"] in shaped and not silent
            answer[rollout["id"]] = (shaped[rollout["id"]] - mean(numbers)) / (sample(numbers) + 1e-6) if known else None
    return answer


def outcome_of(reward):
    if reward is None or 0 < reward < 1:
        return "unknown"
    return "success" if reward >= 1 else "failure"


def remax(rollouts):
    return {one["id"]: None if one["reward"] is None else one["reward"] - one["greedy"] for one in rollouts}


def centred(rollouts):
    """Reward minus group mean; none where the group gives no baseline. Also the ids of silent rollouts."""
    values, silent = {}, set()
    for group in groups_of(rollouts):
        rewards = rewarded(group)
        for rollout in group:
            if rollout["reward"] is None:
                continue
            values[rollout["id"]] = rollout["reward"] - (mean(rewards) if len(rewards) > 1 else 0)
            if len(rewards) < 2 or min(rewards) == max(rewards):
                silent.add(rollout["id"])
    return values, silent


def everywhere(rollouts, values, silent=()):
    return {one["id"]: None if one["id"] in silent else values.get(one["id"]) for one in rollouts}


def whitened_by_tokens(rollouts, values):
    lengths = {rollout["id"]: rollout["length"] for rollout in rollouts}
    tokens = [value for id, value in values.items() for _ in range(lengths[id])]
    spread = math.sqrt(sample(tokens) ** 2 + 1e-8)
    return {id: (value - mean(tokens)) / spread for id, value in values.items()}


def reinforce_plus_plus(rollouts):
    values = {one["id"]: one["reward"] for one in rollouts if one["reward"] is not None}
    return everywhere(rollouts, whitened_by_tokens(rollouts, values))


def reinforce_plus_plus_baseline(rollouts):
    values, silent = centred(rollouts)
    return everywhere(rollouts, whitened_by_tokens(rollouts, values), silent)


def lite_ppo(std):
    def run(rollouts):
        values, silent = centred(rollouts)
        spread = std(rewarded(rollouts)) + 1e-8
        return everywhere(rollouts, {id: value / spread for id, value in values.items()}, silent)

    return run


def batch_norm(rollouts):
    rewards = rewarded(rollouts)
    spread = population(rewards) + 1e-8
    return {one["id"]: None if one["reward"] is None else (one["reward"] - mean(rewards)) / spread for one in rollouts}


def gpg(rollouts):
    values, silent = centred(rollouts)
    rewards = rewarded(rollouts)
    alpha = len(rewards) / max(1, sum(reward != 0 for reward in rewards))
    return everywhere(rollouts, {id: alpha * value for id, value in values.items()}, silent)


def rollout_logged(rollouts):
    return by_step(rollouts, lambda one: [step["logged"] for step in one["steps"]])


# --- estimators that give one value to a step ------------------------------------------------------------------------


def by_step(rollouts, values):
    return {f"{one['id']}#{index}": value for one in rollouts for index, value in enumerate(values(one))}


def has_step_rewards(rollout):
    return any(step["reward"] is not None for step in rollout["steps"])


def reward_at(rollout, index, acting):
    if has_step_rewards(rollout):
        return rollout["steps"][index]["reward"] or 0
    return rollout["reward"] if index == acting[-1] else 0


def gae_of(rollout, gamma=1.0, lam=0.95):
    acting = [index for index, step in enumerate(rollout["steps"]) if step["acts"]]
    answer = [None] * len(rollout["steps"])
    deltas = []
    for place, index in enumerate(acting):
        following = rollout["steps"][acting[place + 1]]["value"] if place + 1 < len(acting) else 0
        reward = reward_at(rollout, index, acting)
        deltas.append(None if reward is None else reward + gamma * following - rollout["steps"][index]["value"])
    if None in deltas:
        return answer
    for place, index in enumerate(acting):
        answer[index] = math.fsum((gamma * lam) ** ahead * delta for ahead, delta in enumerate(deltas[place:]))
    return answer


def gae(rollouts):
    return by_step(rollouts, gae_of)


def ppo(rollouts):
    raw = gae(rollouts)
    known = [value for value in raw.values() if value is not None]
    spread = math.sqrt(sample(known) ** 2 + 1e-8)
    return {place: None if value is None else (value - mean(known)) / spread for place, value in raw.items()}


def process_grpo(std):
    def run(rollouts):
        answer = {}
        for group in groups_of(rollouts):
            rewards = [step["reward"] for one in group for step in one["steps"] if step["reward"] is not None]
            silent = len(rewards) < 2 or min(rewards) == max(rewards)
            for one in group:
                for index, step in enumerate(one["steps"]):
                    later = [other["reward"] for other in one["steps"][index:] if other["reward"] is not None]
                    known = step["acts"] and later and not silent
                    total = math.fsum((reward - mean(rewards)) / (std(rewards) + 1e-6) for reward in later) if known else None
                    answer[f"{one['id']}#{index}"] = total
        return answer

    return run


def gigpo(rollouts):
    answer = {}
    for group in groups_of(rollouts):
        rewards = rewarded(group)
        returns = {}
        states = {}
        for one in group:
            acting = [index for index, step in enumerate(one["steps"]) if step["acts"]]
            for place, index in enumerate(acting):
                later = [reward_at(one, other, acting) for other in acting[place:]]
                if None in later:
                    continue
                returns[one["id"], index] = math.fsum(0.95**ahead * reward for ahead, reward in enumerate(later))
                states.setdefault(state_before(one, index), []).append(returns[one["id"], index])
        episode_silent = len(rewards) < 2 or min(rewards) == max(rewards)
        for one in group:
            for index, step in enumerate(one["steps"]):
                place = f"{one['id']}#{index}"
                if not step["acts"] or one["reward"] is None:
                    answer[place] = None
                    continue
                visits = states[state_before(one, index)]
                local = 0
                if len(visits) > 1:
                    local = (returns[one["id"], index] - mean(visits)) / (sample(visits) + 1e-6)
                if episode_silent:
                    answer[place] = local if abs(local) > 1e-9 and len(rewards) > 1 else None
                else:
                    answer[place] = (one["reward"] - mean(rewards)) / (sample(rewards) + 1e-6) + local
    return answer


def state_before(rollout, index):
    """The state that the last acting step left, together with the texts said since; here only acting steps leave one."""
    before = [step for step in rollout["steps"][:index]]
    acted = [place for place, step in enumerate(before) if step["acts"]]
    if not acted:
        return ("start", len(before))
    return (before[acted[-1]]["state"], len(before) - 1 - acted[-1])


def implicit_reward(rollouts):
    return by_step(
        rollouts,
        lambda one: [0.05 * (step["policy"] - step["reference"]) if step["acts"] else None for step in one["steps"]],
    )


# --- estimators over trees -------------------------------------------------------------------------------------------


class Tree:
    """The prefix tree of one group: a node is a tuple of (rollout, step) pairs; a rollout's end is a leaf of its own."""

    def __init__(self, group):
        self.group = group
        self.paths = {}
        for one in group:
            above = ()
            if one["parent"] is not None:
                parent = self.paths[one["parent"]]
                own = next(index for index, (owner, _) in enumerate(parent) if owner == one["parent"])
                above = parent[: own + one["branchStep"] + 1]
            self.paths[one["id"]] = above + tuple((one["id"], index) for index in range(len(one["steps"])))
        self.rewards = {one["id"]: one["reward"] for one in group}
        self.known = [reward for reward in self.rewards.values() if reward is not None]
        self.silent = len(self.known) < 2 or min(self.known) == max(self.known)
        self.entropy = {(one["id"], index): step["entropy"] for one in group for index, step in enumerate(one["steps"])}

    def through(self, node):
        return [id for id, path in self.paths.items() if path[: len(node)] == node and self.rewards[id] is not None]

    def children(self, node):
        """Next steps, and the ends of rollouts that stop here, as ("end", id). Only those with a rewarded leaf."""
        found = []
        for id, path in self.paths.items():
            if path[: len(node)] != node:
                continue
            child = ("end", id) if len(path) == len(node) else path[: len(node) + 1]
            if child not in found and self.leaves(child):
                found.append(child)
        return found

    def leaves(self, node):
        if node and node[0] == "end":
            return [node[1]] if self.rewards[node[1]] is not None else []
        return self.through(node)

    def forks(self, node):
        return len(self.children(node)) > 1

    def leaf_mean(self, node, numbers):
        return mean([numbers[id] for id in self.leaves(node)])

    def child_mean(self, node, numbers):
        if node and node[0] == "end":
            return numbers[node[1]]
        return mean([self.child_mean(child, numbers) for child in self.children(node)])

    def stretch_entropy(self, node):
        """Mean entropy of the steps from `node` up to the next fork or end; none for an end, where nothing was written."""
        if node[0] == "end":
            return None
        steps = [node[-1]]
        while True:
            below = [path for path in self.paths.values() if path[: len(node)] == node]
            nexts = {path[len(node)] if len(path) > len(node) else "end" for path in below}
            if len(nexts) != 1 or "end" in nexts:
                return mean([self.entropy[step] for step in steps])
            node = node + (next(iter(nexts)),)
            steps.append(node[-1])

    def child_softmax(self, node, numbers):
        if node and node[0] == "end":
            return numbers[node[1]]
        children = self.children(node)
        if len(children) == 1:
            return self.child_softmax(children[0], numbers)
        entropies = [self.stretch_entropy(child) for child in children]
        values = [self.child_softmax(child, numbers) for child in children]
        if None in entropies or None in values:
            return None
        weights = [math.exp(entropy) for entropy in entropies]
        return math.fsum(weight * value for weight, value in zip(weights, values)) / math.fsum(weights)

    def last_fork(self, node):
        """The child of the nearest fork at or above `node` on its path, with its parent; None above the first fork."""
        for length in range(len(node), 0, -1):
            if self.forks(node[: length - 1]):
                return node[:length], node[: length - 1]
        return None


def by_node(value):
    """`value(tree, node)` at every step; none in silent groups and where no rewarded rollout passes."""

    def run(rollouts):
        answer = {}
        for group in groups_of(rollouts):
            tree = Tree(group)
            for one in group:
                path = tree.paths[one["id"]]
                own = len(path) - len(one["steps"])
                for index in range(len(one["steps"])):
                    node = path[: own + index + 1]
                    usable = not tree.silent and tree.through(node)
                    answer[f"{one['id']}#{index}"] = value(tree, node) if usable else None
        return answer

    return run


def group_normalised(tree, std, epsilon=1e-6):
    spread = std(tree.known) + epsilon
    return {id: None if reward is None else (reward - mean(tree.known)) / spread for id, reward in tree.rewards.items()}


def elpo_branch(tree, node):
    fork = tree.last_fork(node)
    if fork is None:
        return None
    child, parent = fork
    values = [tree.child_mean(other, tree.rewards) for other in tree.children(parent)]
    if max(values) - min(values) < 1e-12:
        return None
    return (tree.child_mean(child, tree.rewards) - mean(values)) / (population(values) + 1e-6)


def elpo_trajectory(tree, node):
    return tree.leaf_mean(node, group_normalised(tree, population))


def elpo(tree, node):
    return 0.5 * (elpo_branch(tree, node) or 0) + 0.5 * elpo_trajectory(tree, node)


def sibling_grpo(tree, node):
    child, parent = tree.last_fork(node) or (None, None)
    if child is None:
        return None
    values = [tree.leaf_mean(other, tree.rewards) for other in tree.children(parent)]
    if max(values) - min(values) < 1e-12:
        return None
    return (tree.leaf_mean(child, tree.rewards) - mean(values)) / (population(values) + 1e-4)


def tree_rl(tree, node):
    others = {
        id: None if reward is None else reward - (math.fsum(tree.known) - reward) / (len(tree.known) - 1)
        for id, reward in tree.rewards.items()
    }
    fork = tree.last_fork(node)
    if fork is None:
        return None
    child, parent = fork
    value = tree.leaf_mean(child, others)
    gain = (value - tree.leaf_mean((), others)) + (value - tree.leaf_mean(parent, others))
    return gain / math.sqrt(len(tree.leaves(child)))


def arpo_hard(tree, node):
    return tree.leaf_mean(node, group_normalised(tree, sample))


def at2po(backup):
    def value(tree, node):
        fork = tree.last_fork(node)
        if fork is None:
            return None
        child, parent = fork
        numbers = group_normalised(tree, sample)
        own, above, top = (backup(tree, at, numbers) for at in (child, parent, ()))
        return None if None in (own, above, top) else (own - above) + (own - top)

    return value


def monte_carlo(tree, node):
    fork = tree.last_fork(node)
    if fork is None or len(tree.leaves(fork[0])) < 2:
        return None
    return tree.leaf_mean(fork[0], tree.rewards) - tree.leaf_mean(fork[1], tree.rewards)


def relative_progress(tree, node):
    fork = tree.last_fork(node)
    if fork is None or len(tree.leaves(fork[0])) < 2 or tree.leaf_mean(fork[1], tree.rewards) == 0:
        return None
    return tree.leaf_mean(fork[0], tree.rewards) / tree.leaf_mean(fork[1], tree.rewards)


def tree_grpo(rollouts):
    answer = {}
    for group in groups_of(rollouts):
        tree = Tree(group)
        overall = group_normalised(tree, sample)
        for one in group:
            mine = [tree.rewards[id] for id in tree.through(tree.paths[one["id"]][:1])]
            local = 0
            if one["reward"] is not None and len(mine) > 1 and min(mine) != max(mine):
                local = (one["reward"] - mean(mine)) / (sample(mine) + 1e-6)
            known = one["reward"] is not None and not tree.silent
            answer[one["id"]] = overall[one["id"]] + local if known else None
    return answer


# --- output ----------------------------------------------------------------------------------------------------------

FLAT = {
    "grpo": normalised(sample),
    "grpo-population": normalised(population),
    "dr-grpo": by_group(lambda one, group: one["reward"] - mean(rewarded(group))),
    "rloo": by_group(leave_one_out),
    "dapo": dapo,
    "lite-ppo": lite_ppo(sample),
    "lite-ppo-population": lite_ppo(population),
    "batch-norm": batch_norm,
    "reinforce-plus-plus": reinforce_plus_plus,
    "reinforce-plus-plus-baseline": reinforce_plus_plus_baseline,
    "remax": remax,
    "opo": by_group(opo),
    "gpg": gpg,
    "grpo-pass-k": pass_k,
    "complementary": complementary,
    "gae": gae,
    "ppo": ppo,
    "process-grpo": process_grpo(sample),
    "process-grpo-population": process_grpo(population),
    "gigpo": gigpo,
    "arpo-soft": normalised(sample),
    "implicit-reward": implicit_reward,
    "logged": rollout_logged,
}

TREES = {
    "elpo": by_node(elpo),
    "elpo-branch": by_node(elpo_branch),
    "elpo-trajectory": by_node(elpo_trajectory),
    "sibling-grpo": by_node(sibling_grpo),
    "tree-grpo": tree_grpo,
    "tree-rl": by_node(tree_rl),
    "arpo-hard": by_node(arpo_hard),
    "at2po": by_node(at2po(Tree.child_mean)),
    "monte-carlo": by_node(monte_carlo),
    "relative-progress": by_node(relative_progress),
}

SETTINGS = {"dapo": {"maxLength": 300, "cache": 100}}

VARIANTS = [
    ("at2po", {"backup": "leaf-mean"}, by_node(at2po(Tree.leaf_mean))),
    ("at2po", {"backup": "child-softmax"}, by_node(at2po(Tree.child_softmax))),
]


def cases():
    flat = {seed: flat_case(seed) for seed in SEEDS}
    trees = {seed: tree_case(seed) for seed in SEEDS}
    yield from ((id, SETTINGS.get(id, {}), f"flat-{seed}", run(flat[seed])) for id, run in FLAT.items() for seed in SEEDS)
    yield from ((id, {}, f"tree-{seed}", run(trees[seed])) for id, run in TREES.items() for seed in SEEDS)
    yield from ((id, settings, f"tree-{seed}", run(trees[seed])) for id, settings, run in VARIANTS for seed in SEEDS)


def main():
    inputs = {f"flat-{seed}": flat_case(seed) for seed in SEEDS} | {f"tree-{seed}": tree_case(seed) for seed in SEEDS}
    vectors = [
        {"estimator": id, "set": settings, "input": name, "values": values} for id, settings, name, values in cases()
    ]
    target = pathlib.Path(__file__).parent.parent / "data" / "advantages.json"
    target.write_text(json.dumps({"inputs": inputs, "vectors": vectors}, indent=1) + "\n")


main()
