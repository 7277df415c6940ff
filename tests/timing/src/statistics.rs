//! The statistics: medians, the Mann-Whitney U test, Welch's t test.

/// The median, which a few interrupted samples do not move.
pub fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The two-sided p of the Mann-Whitney U test, by its normal approximation (both samples have more
/// than 20 values; ties do not occur in nanoseconds often enough to matter).
pub fn mann_whitney_p(one: &[f64], other: &[f64]) -> f64 {
    let (n, m) = (one.len() as f64, other.len() as f64);
    let mut all: Vec<(f64, bool)> = one.iter().map(|value| (*value, true)).collect();
    all.extend(other.iter().map(|value| (*value, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ranks = all.iter().zip(1_u32..).filter(|((_, first), _)| *first);
    let ranks: f64 = ranks.map(|(_, rank)| f64::from(rank)).sum();
    let u = ranks - n * (n + 1.0) / 2.0;
    let z = (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt();
    2.0 * (1.0 - normal(z.abs()))
}

/// The distribution function of the standard normal (Abramowitz and Stegun 26.2.17: error < 10^-7).
fn normal(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let terms = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let series = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    1.0 - (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * series
}

/// Mean and variance, taken up one by one (Welford 1962).
#[derive(Clone, Copy, Default)]
pub struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes one sample up.
    pub fn take(&mut self, sample: f64) {
        self.count += 1.0;
        let distance = sample - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (sample - self.mean);
    }

    /// Welch's t of two classes: beyond 4.5 they differ (Reparaz, Balasch, Verbauwhede 2017).
    pub fn t(&self, other: &Self) -> f64 {
        let error = |class: &Self| class.squares / (class.count - 1.0) / class.count;
        (self.mean - other.mean) / (error(self) + error(other)).sqrt()
    }
}
