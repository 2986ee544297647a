//! Money, numbers, sizes and dates as people of a language write them, links to e-mail addresses, and how mails end, for
//! pages and mails.
//!
//! Times are those of UTC, and say so. Amounts are separated from their currency by a space that does not break.

mod lines;
mod mail_end;

use icu_calendar::Iso;
use icu_datetime::{
    DateTimeFormatter,
    fieldsets::{YMD, YMDT},
    input::{Date, DateTime, Time},
};
use icu_decimal::{DecimalFormatter, input::Decimal, options::DecimalFormatterOptions};
use icu_locale_core::locale;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tollgate_domain::{Timestamp, language::Language, money::Money};

pub use self::{lines::one_line, mail_end::MailEnd};

/// What is encoded in a link to an e-mail address: everything but the characters that no address needs encoded.
const IN_MAILTO: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

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

/// The units of sizes, each with its number of bytes.
const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

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

fn formatters<T>(language: Language, format: impl FnOnce(&Formatters) -> T) -> T {
    match language {
        Language::English => ENGLISH.with(format),
        Language::German => GERMAN.with(format),
    }
}

/// Returns an amount of money with its currency, such as `$1,200.00` or `1.200,00 €`. Currencies that are not divided in
/// practice, such as the Icelandic króna, are written without decimals.
pub fn money(language: Language, money: Money) -> String {
    let code = money.currency.code();
    let (units, step) = (money.amount.unsigned_abs(), money.currency.step().unsigned_abs());
    let number = if money.currency.price_decimals() == 0 && units.is_multiple_of(step) {
        decimal(language, units / step, 0)
    } else {
        decimal(language, units, money.currency.decimals())
    };
    let sign = if money.amount < 0 { "-" } else { "" };
    let symbol = SYMBOLS.iter().find(|(known, _)| *known == code).map(|(_, symbol)| *symbol);
    match (language, symbol) {
        (Language::English, Some(symbol)) => format!("{sign}{symbol}{number}"),
        (Language::German, Some(symbol)) => format!("{sign}{number}\u{a0}{symbol}"),
        (_, None) => format!("{sign}{number}\u{a0}{}", code.to_ascii_uppercase()),
    }
}

/// Returns a number of units, of which `10^decimals` make a whole, with its digits grouped: 1234 units with 2
/// decimals are `12.34`.
pub fn decimal(language: Language, units: u64, decimals: u32) -> String {
    let mut decimal = Decimal::from(units);
    let shift = i16::try_from(decimals).unwrap_or_default();
    decimal.multiply_pow10(-shift);
    decimal.pad_end(-shift);
    formatters(language, |formatters| match &formatters.number {
        Some(formatter) => formatter.format(&decimal).to_string(),
        None => decimal.to_string(),
    })
}

/// Returns the link that begins a mail to an address, whose `@` stays as it is. Source: RFC 6068, section 2.
pub fn mailto(email: impl AsRef<str>) -> String {
    let (local, domain) = email.as_ref().rsplit_once('@').unwrap_or_default();
    let encoded = |part| utf8_percent_encode(part, IN_MAILTO);
    format!("mailto:{}@{}", encoded(local), encoded(domain))
}

/// Returns a size in bytes in a readable unit, such as `1.5 MiB`: rounded up, so that nothing is larger than is said. `None`
/// below one KiB, where bytes are counted.
pub fn size(language: Language, bytes: u64) -> Option<String> {
    in_units(language, bytes, u64::div_ceil)
}

/// Returns a limit in bytes in a readable unit: rounded down, so that nothing of the size that is said is too large. `None`
/// below one KiB.
pub fn size_limit(language: Language, bytes: u64) -> Option<String> {
    in_units(language, bytes, |tenths, unit| tenths / unit)
}

/// Returns a size with at most one decimal place.
fn in_units(language: Language, bytes: u64, round: impl Fn(u64, u64) -> u64) -> Option<String> {
    let (name, unit) = UNITS.into_iter().find(|(_, unit)| bytes >= *unit)?;
    let tenths = round(bytes.saturating_mul(10), unit);
    let number = if tenths.is_multiple_of(10) {
        decimal(language, tenths / 10, 0)
    } else {
        decimal(language, tenths, 1)
    };
    Some(format!("{number}\u{a0}{name}"))
}

/// Returns the day of an instant (UTC), such as `3 December 2026`.
pub fn day(language: Language, at: Timestamp) -> String {
    let text = formatters(language, |formatters| {
        Some(formatters.day.as_ref()?.format(&parts(at)?.date).to_string())
    });
    text.unwrap_or_else(|| at.strftime("%Y-%m-%d").to_string())
}

/// Returns the day and time of an instant (UTC), such as `3 Dec 2026, 14:05 UTC`.
pub fn day_and_time(language: Language, at: Timestamp) -> String {
    let text = formatters(language, |formatters| {
        Some(format!("{} UTC", formatters.moment.as_ref()?.format(&parts(at)?)))
    });
    text.unwrap_or_else(|| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// Returns the date and time of an instant in UTC; `None` only for what no calendar has.
fn parts(at: Timestamp) -> Option<DateTime<Iso>> {
    let civil = at.to_zoned(TimeZone::UTC).datetime();
    let whole = |part: i8| u8::try_from(part).ok();
    let date = Date::try_new_iso(civil.year().into(), whole(civil.month())?, whole(civil.day())?);
    let time = Time::try_new(whole(civil.hour())?, whole(civil.minute())?, 0, 0);
    Some(DateTime { date: date.ok()?, time: time.ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_of_money_are_those_that_people_write() {
        for (amount, code, english, german) in [
            (123_456, "usd", "$1,234.56", "1.234,56 $"),
            (1_234, "jpy", "¥1,234", "1.234 ¥"),
            (5_120, "kwd", "5.120 KWD", "5,120 KWD"),
            (123_400, "isk", "1,234 ISK", "1.234 ISK"),
            (-250_000, "ugx", "-2,500 UGX", "-2.500 UGX"),
            // Part of a unit can only come from Stripe, and is told exactly.
            (123_450, "isk", "1,234.50 ISK", "1.234,50 ISK"),
        ] {
            let amount = Money::new(amount, code.parse().unwrap());
            for (language, text) in [(Language::English, english), (Language::German, german)] {
                assert_eq!(money(language, amount).replace('\u{a0}', " "), text);
            }
        }
    }

    #[test]
    fn links_to_addresses_keep_the_at_sign() {
        for (email, link) in [
            ("help@ada.example", "mailto:help@ada.example"),
            ("help+ada@ada.example", "mailto:help%2Bada@ada.example"),
            ("what?subject=x&y@ada.example", "mailto:what%3Fsubject%3Dx%26y@ada.example"),
            ("o'neil_a.b-c@xn--bcher-kva.example", "mailto:o%27neil_a.b-c@xn--bcher-kva.example"),
        ] {
            assert_eq!(mailto(email), link);
        }
    }

    #[test]
    fn sizes_are_rounded_up_and_limits_down() {
        let (english, german) = (Language::English, Language::German);
        for (bytes, size, limit) in [
            (1_023, None, None),
            (1_024, Some("1 KiB"), Some("1 KiB")),
            (65_536, Some("64 KiB"), Some("64 KiB")),
            (100_000, Some("97.7 KiB"), Some("97.6 KiB")),
            (1_048_575, Some("1,024 KiB"), Some("1,023.9 KiB")),
            (1 << 30, Some("1 GiB"), Some("1 GiB")),
        ] {
            let plain = |text: Option<String>| text.map(|text| text.replace('\u{a0}', " "));
            assert_eq!(plain(super::size(english, bytes)).as_deref(), size, "{bytes}");
            assert_eq!(plain(size_limit(english, bytes)).as_deref(), limit, "{bytes}");
        }
        assert_eq!(size(german, 1_600_000).as_deref(), Some("1,6\u{a0}MiB"));
        assert!(size(english, u64::MAX).is_some());
    }
}
