//! exp, ln, tanh and sigmoid of one number, branch-free, so that the compiler vectorizes a loop over them.
//!
//! For `f32` they are polynomials, within 2 units in the last place over the whole range; NaN, infinities, subnormal
//! numbers and the sign of 0 are handled. For `f64`, which is for exact work, they are those of the standard library.

use super::simd::MulAdd;

/// The functions that operations apply to each element; `m` says how to compute `a * b + c`.
pub trait Maths: Copy {
    /// eˣ
    fn fast_exp(self, m: MulAdd) -> Self;
    /// eˣ - 1
    fn fast_exp_m1(self, m: MulAdd) -> Self;
    /// ln x
    fn fast_ln(self, m: MulAdd) -> Self;
    /// ln(1 + x)
    fn fast_ln_1p(self, m: MulAdd) -> Self;
    /// tanh x
    fn fast_tanh(self, m: MulAdd) -> Self;
    /// 1 / (1 + e⁻ˣ)
    fn fast_sigmoid(self, m: MulAdd) -> Self;
}

/// Adding it to a number rounds it to a whole number n, and the last bits of the sum are n + 127, the exponent bits
/// of 2ⁿ: it is 1.5 * 2²³ + 127.
const ROUND: f32 = 12_583_039.0;
/// ln 2 in two parts, the first with few enough bits that its product with a small whole number is exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// (eʳ - 1 - r) / r²: the minimax polynomial for the relative error of eʳ - 1 with |r| <= ln 2 / 2.
const EXP: [f32; 6] = [0.5, 0.166_666_66, 0.041_666_36, 0.008_333_39, 0.001_394_066_8, 0.000_198_458_82];
/// (ln(1 + f) - f + f²/2) / f³: the minimax polynomial for the relative error of ln(1 + f) with √½ <= 1 + f <= √2.
const LN: [f32; 9] = [
    0.333_333_13,
    -0.250_000_1,
    0.200_021_19,
    -0.166_679_96,
    0.142_195_52,
    -0.124_055_89,
    0.118_881_62,
    -0.116_756_52,
    0.067_466_41,
];

/// Splits x = n ln 2 + r with |r| <= ln 2 / 2. Returns bits whose last ones are n + 127, n as a float, and eʳ - 1.
/// |x| must be below about 10⁴.
#[inline(always)]
fn reduced_exp_m1(x: f32, m: MulAdd) -> (i32, f32, f32) {
    let shifted = m.of(x, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = m.of(n, -LN_2[1], m.of(n, -LN_2[0], x));
    let e = m.of(r * r, m.polynomial(r, EXP), r);
    (shifted.to_bits() as i32, n, e)
}

/// n, from the bits of n + `ROUND`.
#[inline(always)]
fn whole(bits: i32) -> i32 {
    bits.wrapping_sub(ROUND.to_bits() as i32)
}

/// 2ⁿ for -126 <= n <= 127, from n + 127 in the last bits.
#[inline(always)]
fn power_of_two(bits: i32) -> f32 {
    f32::from_bits((bits as u32) << 23)
}

/// The smaller of both, and NaN if `x` is NaN.
#[inline(always)]
fn at_most(x: f32, bound: f32) -> f32 {
    if x > bound { bound } else { x }
}

/// The larger of both, and NaN if `x` is NaN.
#[inline(always)]
fn at_least(x: f32, bound: f32) -> f32 {
    if x < bound { bound } else { x }
}

impl Maths for f32 {
    #[inline(always)]
    fn fast_exp(self, m: MulAdd) -> f32 {
        // Beyond these bounds the result is 0 or infinite.
        let x = at_least(at_most(self, 89.0), -104.0);
        let (bits, _, e) = reduced_exp_m1(x, m);
        // In two steps, because 2ⁿ may overflow or underflow where the result does not.
        let (n, half) = (whole(bits), whole(bits) >> 1);
        (e + 1.0) * power_of_two(half.wrapping_add(127)) * power_of_two(n.wrapping_sub(half).wrapping_add(127))
    }

    #[inline(always)]
    fn fast_exp_m1(self, m: MulAdd) -> f32 {
        let x = at_least(at_most(self, 89.0), -104.0);
        let (bits, n, e) = reduced_exp_m1(x, m);
        // eˣ - 1 = 2 (2ⁿ⁻¹ (eʳ - 1) + 2ⁿ⁻¹ - ½), where 2ⁿ⁻¹ cannot overflow.
        let scale = power_of_two(whole(bits).max(-125).wrapping_add(126));
        let result = 2.0 * m.of(e, scale, scale - 0.5);
        // The sum would lose a subnormal x and the sign of 0.
        if n == 0.0 { e.copysign(self) } else { result }
    }

    #[inline(always)]
    fn fast_ln(self, m: MulAdd) -> f32 {
        // Subnormal numbers have fewer bits, so they are scaled first.
        let subnormal = self < f32::MIN_POSITIVE;
        let x = if subnormal { self * 8_388_608.0 } else { self };
        // x = 2ⁿ (1 + f) with √½ <= 1 + f < √2.
        let bits = x.to_bits().wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits());
        let n = ((bits as i32) >> 23).wrapping_sub(if subnormal { 23 } else { 0 }) as f32;
        let f = f32::from_bits((bits & 0x007f_ffff).wrapping_add(std::f32::consts::FRAC_1_SQRT_2.to_bits())) - 1.0;
        let square = f * f;
        let tail = m.of(n, LN_2[1], f * square * m.polynomial(f, LN));
        let result = m.of(n, LN_2[0], f + m.of(square, -0.5, tail));
        let result = if self < f32::INFINITY { result } else { self };
        let result = if self > 0.0 { result } else { f32::NAN };
        if self == 0.0 { f32::NEG_INFINITY } else { result }
    }

    #[inline(always)]
    fn fast_ln_1p(self, m: MulAdd) -> f32 {
        // 1 + x is rounded to u; the rounding error d is corrected by ln(u + d) ≈ ln u + d/u.
        let u = 1.0 + self;
        let lost = self - (u - 1.0);
        let result = u.fast_ln(m) + lost / u;
        // There is nothing to correct at -1 and at infinity, and the result is x itself if 1 + x rounds to 1.
        let result = if u > 0.0 && u < f32::INFINITY { result } else { u.fast_ln(m) };
        if u == 1.0 { self } else { result }
    }

    #[inline(always)]
    fn fast_tanh(self, m: MulAdd) -> f32 {
        // tanh x = (e²ˣ - 1) / (e²ˣ + 1), which rounds to 1 beyond this bound.
        let x = at_most(self.abs(), 9.02);
        let (bits, _, e) = reduced_exp_m1(2.0 * x, m);
        let scale = power_of_two(bits);
        let e = m.of(e, scale, scale - 1.0);
        let divisor = e + 2.0;
        let y = e / divisor;
        // Corrects for the rounding error of the divisor: dy/d(divisor) = -y / divisor = -(½y - ½y²).
        let (too_much, half) = ((divisor - 2.0) - e, 0.5 * y);
        at_most(m.of(m.of(-half, y, half), too_much, y), 1.0).copysign(self)
    }

    #[inline(always)]
    fn fast_sigmoid(self, m: MulAdd) -> f32 {
        // Beyond these bounds the result is 1 or 0. With e⁻ˣ = 2ⁿ (1 + p) it is 2⁻ⁿ / (2⁻ⁿ + 1 + p).
        let x = at_least(at_most(-self, 104.0), -87.0);
        let (bits, _, p) = reduced_exp_m1(x, m);
        // In two steps, because 2⁻ⁿ may underflow where the result does not: the last bits of 254 - (n + 127) are -n
        // + 127.
        let most = bits.min(ROUND.to_bits() as i32 + 100);
        let scale = power_of_two(254i32.wrapping_sub(most));
        // The rounding error of this sum is added to p.
        let sum = scale + 1.0;
        let lost = scale - (sum - 1.0);
        scale / (sum + (p + lost)) * power_of_two(most.wrapping_sub(bits).wrapping_add(127))
    }
}

impl Maths for f64 {
    #[inline(always)]
    fn fast_exp(self, _: MulAdd) -> f64 {
        self.exp()
    }

    #[inline(always)]
    fn fast_exp_m1(self, _: MulAdd) -> f64 {
        self.exp_m1()
    }

    #[inline(always)]
    fn fast_ln(self, _: MulAdd) -> f64 {
        self.ln()
    }

    #[inline(always)]
    fn fast_ln_1p(self, _: MulAdd) -> f64 {
        self.ln_1p()
    }

    #[inline(always)]
    fn fast_tanh(self, _: MulAdd) -> f64 {
        self.tanh()
    }

    #[inline(always)]
    fn fast_sigmoid(self, _: MulAdd) -> f64 {
        // Where e⁻ˣ overflows, the result may still be a subnormal number.
        if self < -709.0 { self.exp() } else { 1.0 / (1.0 + (-self).exp()) }
    }
}

#[cfg(test)]
mod tests;
