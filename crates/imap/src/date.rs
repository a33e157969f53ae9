//! IMAP's `date-time` (RFC 9051 section 9) to and from Unix seconds.

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAY: i64 = 86_400;

/// Reads `17-Jul-1996 02:44:25 -0700` (the day may have a leading space, the zone may be missing = UTC).
/// `None` for what is no date; years outside 1900 to 9999 are none.
pub(crate) fn parse(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    let mut words = text.split(|&b| b == b' ').filter(|w| !w.is_empty());
    let mut date = words.next()?.split(|&b| b == b'-');
    let day = number(date.next()?, 2)?;
    let month = date.next()?;
    let month = MONTHS.iter().position(|m| month.eq_ignore_ascii_case(m.as_bytes()))?;
    let year = number(date.next()?, 4)?;
    let mut clock = words.next()?.split(|&b| b == b':');
    let (hour, minute) = (number(clock.next()?, 2)?, number(clock.next()?, 2)?);
    let second = clock.next().map_or(Some(0), |s| number(s, 2))?;
    if !(1..=31).contains(&day) || !(1900..=9999).contains(&year) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let zone = words.next().map_or(Some(0), zone_seconds)?;
    let days = days_from_civil(year, i64::try_from(month).ok()?.saturating_add(1), day);
    let seconds = hour
        .saturating_mul(3600)
        .saturating_add(minute.saturating_mul(60))
        .saturating_add(second);
    Some(days.saturating_mul(DAY).saturating_add(seconds).saturating_sub(zone))
}

/// Writes a `date-time` in UTC for APPEND, with its quotes.
pub(crate) fn date_time(unix: i64) -> String {
    let seconds = unix.rem_euclid(DAY);
    let (year, month, day) = civil(unix);
    let (hour, minute, second) = (
        seconds.div_euclid(3600),
        seconds.rem_euclid(3600).div_euclid(60),
        seconds.rem_euclid(60),
    );
    format!("\"{day:02}-{month}-{year:04} {hour:02}:{minute:02}:{second:02} +0000\"")
}

/// Writes the day (UTC) as SEARCH wants it: `17-Jul-1996`.
pub(crate) fn day(unix: i64) -> String {
    let (year, month, day) = civil(unix);
    format!("{day}-{month}-{year:04}")
}

fn number(raw: &[u8], digits: usize) -> Option<i64> {
    if raw.is_empty() || raw.len() > digits {
        return None;
    }
    raw.iter().try_fold(0_i64, |n, b| {
        b.is_ascii_digit()
            .then(|| n.saturating_mul(10).saturating_add(i64::from(b.saturating_sub(b'0'))))
    })
}

fn zone_seconds(raw: &[u8]) -> Option<i64> {
    let (sign, digits) = match raw.split_first()? {
        (b'+', digits) => (1, digits),
        (b'-', digits) => (-1, digits),
        _ => return Some(0),
    };
    let (hours, minutes) = (number(digits.get(..2)?, 2)?, number(digits.get(2..4)?, 2)?);
    Some(
        hours
            .saturating_mul(60)
            .saturating_add(minutes)
            .saturating_mul(60)
            .saturating_mul(sign),
    )
}

/// Days since 1970-01-01 of a day of the Gregorian calendar (years counted from March, so that the leap day is last).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year.saturating_sub(1) } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let from_march = month.saturating_add(9).rem_euclid(12);
    let of_year = from_march
        .saturating_mul(153)
        .saturating_add(2)
        .div_euclid(5)
        .saturating_add(day)
        .saturating_sub(1);
    let day_of_era = of_era
        .saturating_mul(365)
        .saturating_add(of_era.div_euclid(4))
        .saturating_sub(of_era.div_euclid(100))
        .saturating_add(of_year);
    era.saturating_mul(146_097)
        .saturating_add(day_of_era)
        .saturating_sub(719_468)
}

/// Year, month's name and day of a Unix time, in UTC, kept within the years that IMAP can write.
fn civil(unix: i64) -> (i64, &'static str, i64) {
    let days = unix.clamp(-2_208_988_800, 253_402_300_799).div_euclid(DAY);
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = day_of_era
        .saturating_sub(day_of_era.div_euclid(1460))
        .saturating_add(day_of_era.div_euclid(36_524))
        .saturating_sub(day_of_era.div_euclid(146_096))
        .div_euclid(365);
    let day_of_year = day_of_era.saturating_sub(
        year_of_era
            .saturating_mul(365)
            .saturating_add(year_of_era.div_euclid(4))
            .saturating_sub(year_of_era.div_euclid(100)),
    );
    let from_march = day_of_year.saturating_mul(5).saturating_add(2).div_euclid(153);
    let day = day_of_year
        .saturating_sub(from_march.saturating_mul(153).saturating_add(2).div_euclid(5))
        .saturating_add(1);
    let month = from_march.saturating_add(2).rem_euclid(12);
    let year = year_of_era
        .saturating_add(era.saturating_mul(400))
        .saturating_add(i64::from(month <= 1));
    let name = usize::try_from(month)
        .ok()
        .and_then(|m| MONTHS.get(m))
        .copied()
        .unwrap_or("Jan");
    (year, name, day)
}

#[cfg(test)]
mod tests;
