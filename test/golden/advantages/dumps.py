"""Writes ../data/dumps: training dumps in the layouts of four trainers, their advantages filled by the functions below.

Each file comes with the convention that filled it (see CONVENTIONS); dumps.test.ts asks the product to find it again.

Run from anywhere:  python3 test/golden/advantages/dumps.py
"""

import json
import math
import pathlib
import random

TARGET = pathlib.Path(__file__).parent.parent / "data" / "dumps"


def mean(numbers):
    return math.fsum(numbers) / len(numbers)


def std(numbers, less):
    centre = mean(numbers)
    return math.sqrt(math.fsum((number - centre) ** 2 for number in numbers) / (len(numbers) - less))


def verl_grpo(rewards):
    """Sample std and 1e-6; a group of one has mean 0 and std 1."""
    if len(rewards) == 1:
        return [rewards[0] / (1 + 1e-6)]
    return [(reward - mean(rewards)) / (std(rewards, 1) + 1e-6) for reward in rewards]


def trl_grpo(rewards):
    """Sample std and 1e-4."""
    return [(reward - mean(rewards)) / (std(rewards, 1) + 1e-4) for reward in rewards]


def prime_rl(rewards):
    """Reward minus the mean of the group, no std."""
    return [reward - mean(rewards) for reward in rewards]


def verifiers_population(rewards):
    """Population std."""
    return [(reward - mean(rewards)) / (std(rewards, 0) + 1e-6) for reward in rewards]


def groups(seed, sizes):
    rng = random.Random(seed)
    return [[rng.choice([0.0, 1.0, round(rng.random(), 3)]) for _ in range(size)] for size in sizes]


def single(value):
    """As a trainer writes 32-bit numbers: rounded to about seven digits."""
    return float(f"{value:.7g}")


def verl():
    for task, rewards in enumerate(groups(1, [8, 8, 4, 1])):
        for member, (reward, advantage) in enumerate(zip(rewards, verl_grpo(rewards))):
            yield {
                "input": f"<|im_start|>user\nSolve exercise {task}.<|im_end|>\n<|im_start|>assistant\n",
                "output": f"Attempt {member} at exercise {task}.<|im_end|>",
                "gts": str(task),
                "score": reward,
                "step": 12,
                "advantage": single(advantage),
            }


def trl():
    for task, rewards in enumerate(groups(2, [8, 8, 8])):
        for member, (reward, advantage) in enumerate(zip(rewards, trl_grpo(rewards))):
            yield {
                "step": 40,
                "prompt": f"Solve exercise {task}.",
                "completion": f"Attempt {member} at exercise {task}.",
                "accuracy_reward": reward,
                "advantage": single(advantage),
            }


def prime():
    for task, rewards in enumerate(groups(3, [6, 6])):
        for member, (reward, advantage) in enumerate(zip(rewards, prime_rl(rewards))):
            # one rollout of each group was not trained on: its advantages are null and must stay so
            trained = member != 2
            yield {
                "version": 1,
                "id": f"task-{task}-{member}",
                "task": {"type": "Exercise", "data": {"idx": task}, "key": f"exercise-{task}"},
                "agent": {"name": "solver"},
                "tools": [],
                "nodes": [
                    node(None, "user", f"Solve exercise {task}.", 0, None),
                    node(0, "assistant", f"Attempt {member} at exercise {task}.", 3 + member, advantage if trained else None),
                ],
                "calls": [],
                "rewards": {"correct": {"score": reward, "weight": 1}},
                "metrics": {},
                "stop_condition": "agent_completed",
                "errors": [],
            }


def node(parent, role, content, tokens, advantage):
    return {
        "parent": parent,
        "message": {"role": role, "content": content},
        "sampled": tokens > 0,
        "token_ids": list(range(tokens)),
        "mask": [True] * tokens,
        "logprobs": [-0.5] * tokens,
        "advantages": None if advantage is None else [single(advantage)] * tokens,
    }


def verifiers():
    for task, rewards in enumerate(groups(4, [8, 8])):
        for member, (reward, advantage) in enumerate(zip(rewards, verifiers_population(rewards))):
            yield {
                "example_id": task,
                "prompt": [{"role": "user", "content": f"Solve exercise {task}."}],
                "completion": [
                    {"role": "assistant", "content": f"Attempt {member} at exercise {task}."},
                    {"role": "user", "content": "Are you sure?"},
                    {"role": "assistant", "content": "Yes."},
                ],
                "answer": str(task),
                "reward": reward,
                "is_completed": True,
                "stop_condition": "no_tools_called",
                "metrics": {"exact": reward},
                "tool_defs": [],
                "trajectory": [turn(reward, None if member == 5 else advantage) for _ in range(2)],
            }


def turn(reward, advantage):
    return {
        "prompt": [],
        "completion": [],
        "tokens": {
            "prompt_ids": [1],
            "completion_ids": [2, 3],
            "completion_mask": [1, 1],
            "completion_logprobs": [-0.1, -0.3],
        },
        "reward": reward,
        "advantage": None if advantage is None else single(advantage),
    }


CONVENTIONS = {
    "verl": {"rows": verl, "convention": "grpo", "function": verl_grpo.__doc__},
    "trl": {"rows": trl, "convention": "grpo", "function": trl_grpo.__doc__},
    "prime-rl": {"rows": prime, "convention": "dr-grpo", "function": prime_rl.__doc__},
    "verifiers": {"rows": verifiers, "convention": "grpo-population", "function": verifiers_population.__doc__},
}


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, dump in CONVENTIONS.items():
        lines = "".join(json.dumps(row) + "\n" for row in dump["rows"]())
        (TARGET / f"{name}.jsonl").write_text(lines)


main()
