//! Formats numbers as short, exact text: `0.1`, never `0.10000000000000001`.

/// Writes `digits * 10^exponent` as a plain decimal (`0.25`), or with an exponent (`2.5e-7`) if `scientific`.
///
/// Works on the decimal digits, so no binary rounding error can show.
pub fn decimal(mut digits: i64, mut exponent: i32, scientific: bool) -> String {
    if digits == 0 {
        return "0".to_string();
    }
    while digits % 10 == 0 {
        digits /= 10;
        exponent += 1;
    }
    let sign = if digits < 0 { "-" } else { "" };
    let figures = digits.unsigned_abs().to_string();
    if scientific {
        let magnitude = exponent + figures.len() as i32 - 1;
        let (first, rest) = figures.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}e{magnitude}");
    }
    if exponent >= 0 {
        return format!("{sign}{figures}{}", "0".repeat(exponent as usize));
    }
    let decimals = exponent.unsigned_abs() as usize;
    let padded = format!("{figures:0>width$}", width = decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    format!("{sign}{whole}.{fraction}")
}

/// Writes a finite number with at most `figures` significant figures; whole numbers below 10^9 keep all of theirs.
pub fn short(value: f64, figures: usize) -> String {
    if value.fract() == 0.0 && value.abs() < 1e9 {
        return format!("{}", value as i64);
    }
    let text = format!("{value:.*e}", figures.saturating_sub(1));
    let (mantissa, magnitude) = text.split_once('e').unwrap_or((&text, "0"));
    let magnitude: i32 = magnitude.parse().unwrap_or(0);
    let decimals = mantissa.split_once('.').map_or(0, |(_, tail)| tail.len() as i32);
    let digits: i64 = mantissa.replace('.', "").parse().unwrap_or(0);
    decimal(digits, magnitude - decimals, !(-4..=5).contains(&magnitude))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        let cases = [
            (1, -1, false, "0.1"),
            (-25, -2, false, "-0.25"),
            (150, -2, false, "1.5"),
            (5, 3, false, "5000"),
            (0, 7, true, "0"),
            (15, -7, true, "1.5e-6"),
            (-100, 36, true, "-1e38"),
        ];
        for (digits, exponent, scientific, text) in cases {
            assert_eq!(decimal(digits, exponent, scientific), text);
        }
    }

    #[test]
    fn short_numbers() {
        let cases = [
            (0.37, "0.37"),
            (0.1 + 0.2, "0.3"),
            (12345.0, "12345"),
            (1.23456, "1.235"),
            (-0.000012345, "-1.234e-5"),
            (9.9996, "10"),
            (3.4e38, "3.4e38"),
            (0.0, "0"),
        ];
        for (value, text) in cases {
            assert_eq!(short(value, 4), text, "{value}");
        }
    }
}
