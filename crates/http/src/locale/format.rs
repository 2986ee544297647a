//! Money, numbers, sizes and dates as people write them.

use std::borrow::Borrow;

use icu_calendar::Iso;
use icu_datetime::{
    DateTimeFormatter,
    fieldsets::{YMD, YMDT},
    input::{Date, DateTime, Time},
};
use icu_decimal::{DecimalFormatter, input::Decimal, options::DecimalFormatterOptions};
use icu_locale_core::locale;
use jiff::tz::TimeZone;
use tollgate_domain::{Timestamp, files::File, money::Money};

use super::{Count, Locale, Texts};

/// The symbols of currencies that are known by one; the others are written by their code.
const SYMBOLS: [(&str, &str); 20] = [
    ("aud", "A$"),
    ("brl", "R$"),
    ("cad", "CA$"),
    ("cny", "CN¥"),
    ("eur", "€"),
    ("gbp", "£"),
    ("hkd", "HK$"),
    ("ils", "₪"),
    ("inr", "₹"),
    ("jpy", "¥"),
    ("krw", "₩"),
    ("mxn", "MX$"),
    ("nzd", "NZ$"),
    ("php", "₱"),
    ("pln", "zł"),
    ("sgd", "S$"),
    ("try", "₺"),
    ("twd", "NT$"),
    ("usd", "$"),
    ("vnd", "₫"),
];

/// How a language writes days, times and numbers. Each is made once for a thread, since making one takes longer
/// than all else on a page.
struct Formatters {
    day: Option<DateTimeFormatter<YMD>>,
    moment: Option<DateTimeFormatter<YMDT>>,
    number: Option<DecimalFormatter>,
}

impl Formatters {
    fn new(locale: &icu_locale_core::Locale) -> Self {
        let moment = YMD::medium().with_time_hm();
        Self {
            day: DateTimeFormatter::try_new(locale.into(), YMD::long()).ok(),
            moment: DateTimeFormatter::try_new(locale.into(), moment).ok(),
            number: DecimalFormatter::try_new(locale.into(), DecimalFormatterOptions::default())
                .ok(),
        }
    }
}

thread_local! {
    static ENGLISH: Formatters = Formatters::new(&locale!("en-GB"));
    static GERMAN: Formatters = Formatters::new(&locale!("de"));
}

impl Texts {
    fn formatters<T>(self, format: impl FnOnce(&Formatters) -> T) -> T {
        match self.0 {
            Locale::English => ENGLISH.with(format),
            Locale::German => GERMAN.with(format),
        }
    }

    /// Returns an amount of money with its currency, such as `$12.00` or `12,00 €`.
    pub(crate) fn money(self, money: impl Borrow<Money>) -> String {
        let money = money.borrow();
        let code = money.currency.code();
        let number = self.decimal(money.amount.unsigned_abs(), money.currency.decimals());
        let sign = if money.amount < 0 { "-" } else { "" };
        let symbol = SYMBOLS.iter().find(|(known, _)| *known == code).map(|(_, symbol)| *symbol);
        match (self.0, symbol) {
            (Locale::English, Some(symbol)) => format!("{sign}{symbol}{number}"),
            (Locale::German, Some(symbol)) => format!("{sign}{number}\u{a0}{symbol}"),
            (_, None) => format!("{sign}{number}\u{a0}{}", code.to_ascii_uppercase()),
        }
    }

    /// Returns a whole number with its digits grouped.
    pub(crate) fn number(self, number: impl Count) -> String {
        self.decimal(number.count().unsigned_abs(), 0)
    }

    /// Returns a size in bytes in readable units.
    pub(crate) fn size(self, bytes: impl Borrow<u64>) -> String {
        let bytes = *bytes.borrow();
        let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
        match units.into_iter().find(|(_, unit)| bytes >= *unit) {
            // One decimal place, rounded up, so that a file is never larger than the page says.
            Some((name, unit)) => {
                format!("{}\u{a0}{name}", self.decimal(bytes.div_ceil(unit / 10), 1))
            }
            None => self.count("size-bytes", bytes),
        }
    }

    /// Returns what kind of file it is. What is no picture, sound or film is none, whatever its sender called it.
    pub(crate) fn file_kind(self, file: &File) -> String {
        let content_type = file.media.map_or(&*file.content_type, |media| media.content_type());
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        self.get(match essence.split_once('/').unwrap_or_default() {
            ("image", _) if file.media.is_some() => "file-picture",
            ("audio", _) if file.media.is_some() => "file-audio",
            ("video", _) if file.media.is_some() => "file-video",
            (_, "pdf") => "file-pdf",
            (_, "zip" | "x-zip-compressed" | "gzip" | "x-tar") => "file-archive",
            ("text", _) => "file-text",
            _ => "file-other",
        })
    }

    /// Returns the day of an instant (UTC), such as `3 December 2026`.
    pub(crate) fn day(self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        let text = self.formatters(|formatters| {
            Some(formatters.day.as_ref()?.format(&parts(at)?.date).to_string())
        });
        text.unwrap_or_else(|| at.strftime("%Y-%m-%d").to_string())
    }

    /// Returns the day and time of an instant (UTC), such as `3 Dec 2026, 14:05 UTC`.
    pub(crate) fn day_and_time(self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        let text = self.formatters(|formatters| {
            Some(format!("{} UTC", formatters.moment.as_ref()?.format(&parts(at)?)))
        });
        text.unwrap_or_else(|| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
    }

    fn decimal(self, units: u64, decimals: u32) -> String {
        let mut decimal = Decimal::from(units);
        let shift = i16::try_from(decimals).unwrap_or_default();
        decimal.multiply_pow10(-shift);
        decimal.pad_end(-shift);
        self.formatters(|formatters| match &formatters.number {
            Some(formatter) => formatter.format(&decimal).to_string(),
            None => decimal.to_string(),
        })
    }
}

/// Returns the date and time of an instant in UTC; `None` only for what no calendar has.
fn parts(at: Timestamp) -> Option<DateTime<Iso>> {
    let civil = at.to_zoned(TimeZone::UTC).datetime();
    let whole = |part: i8| u8::try_from(part).ok();
    let date = Date::try_new_iso(civil.year().into(), whole(civil.month())?, whole(civil.day())?);
    let time = Time::try_new(whole(civil.hour())?, whole(civil.minute())?, 0, 0);
    Some(DateTime { date: date.ok()?, time: time.ok()? })
}
