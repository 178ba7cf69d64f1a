// Linear algebra of small matrices, by Gaussian elimination: stacks of `batch` matrices, n x n, row by row.
"use strict";

/** Solve a x = b for `columns` columns, row by row; the determinant of a is the product of the pivots. */
function eliminate(n, columns, a, b) {
  let determinant = 1;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(a[r][i]) > Math.abs(a[pivot][i])) pivot = r;
    if (pivot !== i) determinant = -determinant;
    [a[i], a[pivot], b[i], b[pivot]] = [a[pivot], a[i], b[pivot], b[i]];
    determinant *= a[i][i];
    if (a[i][i] === 0) continue;
    for (let r = i + 1; r < n; r++) {
      const factor = a[r][i] / a[i][i];
      for (let c = i; c < n; c++) a[r][c] -= factor * a[i][c];
      for (let c = 0; c < columns; c++) b[r][c] -= factor * b[i][c];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let c = 0; c < columns; c++) {
      for (let k = i + 1; k < n; k++) b[i][c] -= a[i][k] * b[k][c];
      b[i][c] = determinant === 0 ? NaN : b[i][c] / a[i][i]; // NumPy refuses a singular matrix
    }
  }
  return determinant;
}

const matrixOf = (x, k, rows, columns) => Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => x[(k * rows + i) * columns + j]));
const identity = (n) => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));
const minor = (a, i, j) => a.filter((_, r) => r !== i).map((row) => row.filter((_, c) => c !== j));
const stacked = (Kind, batch, f) => Kind.from(Array.from({ length: batch }, (_, k) => f(k)).flat(2));

function solve(Kind, batch, n, columns, a, b) {
  return stacked(Kind, batch, (k) => {
    const x = b ? matrixOf(b, k, n, columns) : identity(n);
    eliminate(n, columns, matrixOf(a, k, n, n), x);
    return x;
  });
}

const det = (Kind, batch, n, a) => stacked(Kind, batch, (k) => eliminate(n, 0, matrixOf(a, k, n, n), matrixOf([], 0, n, 0)));

/** The lower triangle whose product with its transpose a is; NaN where there is none, which NumPy refuses. */
function cholesky(Kind, batch, n, a) {
  return stacked(Kind, batch, (k) => {
    const [whole, lower] = [matrixOf(a, k, n, n), matrixOf(new Float64Array(n * n), 0, n, n)];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let rest = whole[i][j];
        for (let m = 0; m < j; m++) rest -= lower[i][m] * lower[j][m];
        lower[i][j] = i === j ? Math.sqrt(rest > 0 ? rest : NaN) : rest / lower[j][j];
      }
    }
    return lower;
  });
}

/** The determinants without a row and a column, with their signs. */
function cofactors(Kind, batch, n, a) {
  return stacked(Kind, batch, (k) => {
    const whole = matrixOf(a, k, n, n);
    return whole.map((row, i) => row.map((_, j) => ((i + j) % 2 ? -1 : 1) * eliminate(n - 1, 0, minor(whole, i, j), matrixOf([], 0, n - 1, 0))));
  });
}
