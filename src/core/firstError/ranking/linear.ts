// Solves a symmetric positive definite system by Cholesky's factorisation.

/**
 * @param matrix row by row, `size` times `size`; destroyed
 * @returns x with matrix · x = right
 */
export function solveSymmetric(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
	for (let column = 0; column < size; column++) {
		for (let row = column; row < size; row++) {
			let sum = matrix[row * size + column] as number;
			for (let at = 0; at < column; at++) {
				sum -= (matrix[row * size + at] as number) * (matrix[column * size + at] as number);
			}
			// rounding may make a pivot vanish that the penalty keeps positive on paper
			if (row === column) matrix[row * size + column] = Math.sqrt(Math.max(sum, 1e-12));
			else matrix[row * size + column] = sum / (matrix[column * size + column] as number);
		}
	}
	const solution = Float64Array.from(right);
	for (let row = 0; row < size; row++) {
		let sum = solution[row] as number;
		for (let at = 0; at < row; at++) sum -= (matrix[row * size + at] as number) * (solution[at] as number);
		solution[row] = sum / (matrix[row * size + row] as number);
	}
	for (let row = size - 1; row >= 0; row--) {
		let sum = solution[row] as number;
		for (let at = row + 1; at < size; at++) sum -= (matrix[at * size + row] as number) * (solution[at] as number);
		solution[row] = sum / (matrix[row * size + row] as number);
	}
	return solution;
}
