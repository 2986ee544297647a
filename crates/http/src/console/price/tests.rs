//! Prices as creators type them, in each currency.

use super::*;
use crate::console::form::Labels;

const FIELDS: Labels =
    &[("price", "console-pages-field-price"), ("currency", "console-pages-field-currency")];

fn reading(language: Language, price: &str, currency: &str) -> (Typed, String) {
    let t = Texts(language);
    let form = FormState::new(t, FIELDS).with("price", price).with("currency", currency);
    let mut form = form;
    let typed = read(t, &mut form);
    (typed, form.error("price").unwrap_or_default().to_owned())
}

#[test]
fn every_currency_is_listed_once_and_the_common_ones_come_first() {
    let Currencies { common, others } = Currencies::all();
    assert_eq!(common.len(), COMMON.len());
    assert_eq!(common[0].label, "EUR");
    assert_eq!(common.len() + others.len(), Currency::all().count());
}

#[test]
fn price_is_read_with_a_point_or_a_comma() {
    let price = Money::new(1_250, "eur".parse().unwrap());
    for text in ["12.50", "12,50", " 12,5 "] {
        assert_eq!(reading(Language::English, text, "eur").0, Typed::Price(price), "{text}");
    }
    assert_eq!(reading(Language::English, "  ", "eur").0, Typed::Empty);
}

#[test]
fn price_may_have_the_sign_or_code_of_its_currency() {
    for (text, code) in [
        ("12,50 €", "eur"),
        ("€12.50", "eur"),
        ("12.50 EUR", "eur"),
        ("eur 12,50", "eur"),
        ("$12.50", "usd"),
        ("CA$12.50", "cad"),
        ("12.50$", "cad"),
        ("CHF 12.50", "chf"),
        ("１２．５０", "eur"),
        ("１２，５０ €", "eur"),
        ("١٢٫٥٠", "eur"),
        ("۱۲,۵۰ €", "eur"),
        ("१२.५०", "usd"),
    ] {
        let price = Money::new(1_250, code.parse().unwrap());
        for language in Language::ALL {
            assert_eq!(reading(language, text, code).0, Typed::Price(price), "{text}");
        }
    }
    let yen = Money::new(1_200, "jpy".parse().unwrap());
    assert_eq!(reading(Language::English, "￥１２００", "jpy").0, Typed::Price(yen));
    for (text, code) in [("12 €", "usd"), ("$12", "eur"), ("12 USD", "eur"), ("€", "eur")] {
        assert_eq!(reading(Language::English, text, code).0, Typed::Wrong, "{text}");
    }
    // What stands higher may be decimals.
    assert_eq!(reading(Language::English, "12⁵⁰", "eur").0, Typed::Wrong);
}

#[test]
fn price_with_separators_of_arabic_is_read_in_each_language() {
    for (text, code, amount) in [
        ("٥٫١٢٠", "kwd", 5_120),
        ("١٬٢٥٠", "usd", 125_000),
        ("١٬٢٥٠٫٥٠ €", "eur", 125_050),
        ("١٬٢٠٠", "jpy", 1_200),
    ] {
        let price = Money::new(amount, code.parse().unwrap());
        for language in Language::ALL {
            assert_eq!(reading(language, text, code).0, Typed::Price(price), "{text}");
        }
    }
    for (text, code, told) in [
        ("١٢٫٥٠٠", "usd", "with at most 2 decimals."),
        ("١٫٢٠٠", "jpy", "Amounts in JPY have no decimals"),
    ] {
        let (typed, error) = reading(Language::English, text, code);
        assert!(typed == Typed::Wrong && error.contains(told), "{text}: {error}");
    }
}

#[test]
fn decimals_of_a_currency_without_any_are_named() {
    for (language, told) in [
        (Language::English, "Amounts in JPY have no decimals, and the least one is ¥50."),
        (Language::German, "Beträge in JPY haben keine Nachkommastellen, und der kleinste ist"),
    ] {
        for text in ["1.000,50", "12.5"] {
            let (typed, error) = reading(language, text, "jpy");
            assert!(typed == Typed::Wrong && error.starts_with(told), "{text}: {error}");
        }
    }
}

#[test]
fn text_that_is_not_an_amount_is_told_before_the_currency_is_known() {
    let t = Texts(Language::English);
    let told = |text| {
        let currencies = ["usd", "jpy"].map(|code| code.parse().unwrap());
        unreadable(t, text, currencies.into_iter())
    };
    assert_eq!(told("abc").as_deref(), Some("This is not an amount. Write it like 12.50."));
    for text in ["12", "0.01", "¥1200", "$12", "1.250", "12.5"] {
        assert_eq!(told(text), None, "{text}");
    }
    assert_eq!(unreadable(t, "abc", [].into_iter()), None);
}

#[test]
fn what_was_stored_is_typed_like_people_type_it() {
    for currency in Currency::all() {
        let price = sample(currency);
        assert!(Money::price(price.amount, currency).is_ok(), "{price}");
        for language in Language::ALL {
            let text = typed(Texts(language), price);
            assert_eq!(reading(language, &text, currency.code()).0, Typed::Price(price));
        }
    }
}

#[test]
fn price_with_three_decimals_is_read_as_it_is_shown() {
    let price = Money::new(12_500, "kwd".parse().unwrap());
    for language in Language::ALL {
        let t = Texts(language);
        for text in [t.money(price), number(t, price), typed(t, price)] {
            assert_eq!(reading(language, &text, "kwd").0, Typed::Price(price), "{text}");
        }
    }
    for (language, text, told) in [
        (Language::English, "1,000", "Write 1000.000 or 1.000."),
        (Language::German, "1.000", "Schreiben Sie 1000,000 oder 1,000."),
    ] {
        let (typed, error) = reading(language, text, "kwd");
        assert_eq!(typed, Typed::Wrong, "{text}");
        assert!(error.contains(told), "{error}");
    }
    // Both amounts that are named are taken then.
    for (language, text, amount) in [
        (Language::English, "1000.000", 1_000_000),
        (Language::English, "1.000", 1_000),
        (Language::German, "1000,000", 1_000_000),
        (Language::German, "1,000", 1_000),
    ] {
        let price = Money::new(amount, "kwd".parse().unwrap());
        assert_eq!(reading(language, text, "kwd").0, Typed::Price(price), "{text}");
    }
}

#[test]
fn errors_name_the_least_amount_and_the_decimals() {
    for (text, currency, told) in [
        ("0.49", "usd", "The least amount is $0.50, with at most 2 decimals."),
        ("12.5", "jpy", "Amounts in JPY have no decimals, and the least one is ¥50."),
        ("twelve", "usd", "The least amount is $0.50"),
        ("1.250", "usd", "Write 1250.00 or 1.25"),
        ("1,000", "kwd", "Write 1000.000 or 1.000."),
        ("12,500", "bhd", "Write 12500.000 or 12.500."),
        ("12.501", "kwd", "third decimal is always 0: amounts go in steps of 0.010\u{a0}KWD."),
        ("9999999999", "usd", "The largest amount is $999,999.99"),
        ("5", "isk", "The least amount is 100\u{a0}ISK, without decimals."),
        ("5", "ugx", "The least amount is 2,500\u{a0}UGX, without decimals."),
        ("five", "isk", "Write it like 2500. The least amount"),
        ("150.50", "isk", "steps of 1\u{a0}ISK"),
        ("0.1", "kwd", "The least amount is 0.200\u{a0}KWD, with at most 3 decimals"),
        ("five", "kwd", "Write it like 5.00. The least amount"),
    ] {
        let (typed, error) = reading(Language::English, text, currency);
        assert_eq!(typed, Typed::Wrong);
        assert!(error.contains(told), "{text} {currency}: {error}");
    }
    let (_, german) = reading(Language::German, "1.250", "eur");
    assert!(german.contains("1250,00") && german.contains("1,25"), "{german}");
}

#[test]
fn too_many_decimals_are_told_with_as_many_as_are_taken() {
    let decimals = |currency: Currency| match (currency.decimals(), currency.price_decimals()) {
        (_, 0) => [" have no decimals,", " haben keine Nachkommastellen,"],
        (2, 2) => [", with at most 2 decimals.", ", mit höchstens 2 Nachkommastellen."],
        (3, 2) => [
            ", with at most 3 decimals, of which the third is always 0.",
            ", mit höchstens 3 Nachkommastellen, von denen die dritte immer 0 ist.",
        ],
        other => panic!("{currency:?}: {other:?}"),
    };
    for currency in Currency::all() {
        for (language, told) in Language::ALL.into_iter().zip(decimals(currency)) {
            let (typed, error) = reading(language, "5000000.1234", currency.code());
            assert!(typed == Typed::Wrong && error.contains(told), "{currency:?}: {error}");
        }
        // As many are taken as the currency has.
        let least = Money::new(currency.minimum(), currency);
        let typed = reading(Language::English, &least.number(), currency.code()).0;
        assert_eq!(typed, Typed::Price(least));
    }
}

#[test]
fn third_decimal_that_is_not_zero_is_told_by_its_rule() {
    for code in ["bhd", "jod", "kwd", "omr", "tnd"] {
        for (language, text, told) in [
            (Language::English, "5.124", "In this currency the third decimal is always 0"),
            (Language::German, "5,124", "In dieser Währung ist die dritte Nachkommastelle"),
        ] {
            let (typed, error) = reading(language, text, code);
            assert!(typed == Typed::Wrong && error.starts_with(told), "{code}: {error}");
        }
    }
}

#[test]
fn unknown_currency_stands_beside_its_own_field() {
    let form = FormState::new(Texts::default(), FIELDS);
    let mut form = form.with("price", "12").with("currency", "xxx");
    assert_eq!(read(Texts::default(), &mut form), Typed::Wrong);
    assert!(form.error("currency").is_some() && form.error("price").is_none());
}
