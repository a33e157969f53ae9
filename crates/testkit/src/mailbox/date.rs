//! Dates as mails write them.

/// A moment taken apart, in China's time.
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: u32,
    pub(super) day: u32,
    pub(super) hour: u32,
    pub(super) minute: u32,
    second: u32,
    weekday: usize,
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const CHINA: i64 = 8 * 3600;

impl Civil {
    /// From seconds since 1970 (the algorithm is Howard Hinnant's `civil_from_days`).
    pub(super) fn in_china(time: i64) -> Self {
        let local = time + CHINA;
        let days = local.div_euclid(86_400);
        let second = u32::try_from(local.rem_euclid(86_400)).unwrap_or(0);
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = u32::try_from(day_of_year - (153 * shifted_month + 2) / 5 + 1).unwrap_or(1);
        let month = u32::try_from(if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        })
        .unwrap_or(1);
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year,
            month,
            day,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            weekday: usize::try_from(days.rem_euclid(7)).unwrap_or(0),
        }
    }

    /// `Sun, 22 Nov 2026 09:00:00 +0800`
    pub(super) fn rfc5322(&self) -> String {
        let weekday = DAYS.get(self.weekday).unwrap_or(&"Mon");
        let month = MONTHS.get(self.month as usize - 1).unwrap_or(&"Jan");
        format!(
            "{weekday}, {} {month} {} {:02}:{:02}:{:02} +0800",
            self.day, self.year, self.hour, self.minute, self.second
        )
    }

    /// `2026年11月22日 09:00`
    pub(super) fn chinese(&self) -> String {
        format!(
            "{}年{}月{}日 {:02}:{:02}",
            self.year, self.month, self.day, self.hour, self.minute
        )
    }

    /// `20261122T090000`
    pub(super) fn calendar(&self) -> String {
        format!(
            "{}{:02}{:02}T{:02}{:02}00",
            self.year, self.month, self.day, self.hour, self.minute
        )
    }
}
