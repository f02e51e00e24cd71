/**
 * The best linear prediction of one quantity from others with mean 0 and known covariances (kriging, or Gaussian-process
 * regression): `weights = covariance⁻¹ · covarianceWithTarget`, from the Cholesky factor of the covariance.
 */
export type LinearPredictor = {
  /** What each observation counts for in the prediction. */
  weights: Float64Array;
  /** How much of the target's variance the observations explain. */
  explainedVariance: number;
};

/**
 * @param covariance of the observations, `count × count`, row by row; only the lower triangle is read.
 * @param withTarget the covariance of every observation with the target.
 * @throws when the covariance is not positive definite.
 */
export function bestLinearPredictor(
  covariance: Float64Array,
  count: number,
  withTarget: Float64Array,
): LinearPredictor {
  const factor = choleskyFactor(covariance, count);
  const weights = new Float64Array(count);
  let explainedVariance = 0;
  for (let i = 0; i < count; i++) {
    let sum = withTarget[i] as number;
    for (let k = 0; k < i; k++) sum -= (factor[i * count + k] as number) * (weights[k] as number);
    const whitened = sum / (factor[i * count + i] as number);
    weights[i] = whitened;
    explainedVariance += whitened * whitened;
  }
  for (let i = count - 1; i >= 0; i--) {
    let sum = weights[i] as number;
    for (let k = i + 1; k < count; k++)
      sum -= (factor[k * count + i] as number) * (weights[k] as number);
    weights[i] = sum / (factor[i * count + i] as number);
  }
  return { weights, explainedVariance };
}

function choleskyFactor(covariance: Float64Array, count: number): Float64Array {
  const factor = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++) {
      let sum = covariance[i * count + j] as number;
      for (let k = 0; k < j; k++)
        sum -= (factor[i * count + k] as number) * (factor[j * count + k] as number);
      if (i === j && !(sum > 0)) throw new Error('covariance is not positive definite');
      factor[i * count + j] = i === j ? Math.sqrt(sum) : sum / (factor[j * count + j] as number);
    }
  return factor;
}
