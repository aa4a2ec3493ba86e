// Typed arrays that grow: the columns of a tree to which rollouts are still being added.

/** Integers in order of arrival. `view()` shares memory with the column until the next push that makes it grow. */
export class IntegerColumn {
	private values = new Int32Array(64);
	private used = 0;

	get length(): number {
		return this.used;
	}

	push(value: number): void {
		if (this.used === this.values.length) {
			const larger = new Int32Array(this.values.length * 2);
			larger.set(this.values);
			this.values = larger;
		}
		this.values[this.used++] = value;
	}

	at(index: number): number {
		return this.values[index] as number;
	}

	view(): Int32Array {
		return this.values.subarray(0, this.used);
	}
}
