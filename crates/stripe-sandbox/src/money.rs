//! Currencies: their codes, their notation, and the limits of a charge.

/// The codes of Stripe's presentment currencies.
const CURRENCIES: &str = "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl \
    bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel \
    gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp \
    lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen \
    pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top \
    try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw";

const ZERO_DECIMAL: &str = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
const THREE_DECIMAL: &str = "bhd jod kwd omr tnd";

/// The largest charge in minor units: twelve digits, the limit for cards.
pub(crate) const MAXIMUM: i64 = 999_999_999_999;

pub(crate) fn is_known(currency: &str) -> bool {
    currency.len() == 3 && is_one_of(CURRENCIES, currency)
}

/// Returns the smallest charge in minor units. Stripe applies its limits after conversion to the
/// settlement currency; currencies without a published limit have one minor unit here.
pub(crate) fn minimum(currency: &str) -> i64 {
    match currency {
        "usd" | "eur" | "aud" | "brl" | "cad" | "chf" | "inr" | "nzd" | "sgd" | "jpy" | "krw" => 50,
        "gbp" => 30,
        "aed" | "myr" | "pln" | "ron" => 200,
        "dkk" => 250,
        "nok" | "sek" => 300,
        "hkd" => 400,
        "mxn" | "thb" => 1_000,
        "czk" => 1_500,
        "huf" => 17_500,
        _ => 1,
    }
}

/// Returns the number that amounts must be a multiple of. The last of three decimals is always 0,
/// and two currencies have decimals but no coins for them.
pub(crate) fn step(currency: &str) -> i64 {
    match currency {
        "isk" | "ugx" => 100,
        _ if is_one_of(THREE_DECIMAL, currency) => 10,
        _ => 1,
    }
}

fn is_one_of(codes: &str, currency: &str) -> bool {
    codes.split(' ').any(|code| code == currency)
}

/// Formats an amount in minor units: `12.00 USD`, `500 JPY`, `5.120 KWD`.
pub(crate) fn display(amount: i64, currency: &str) -> String {
    let code = currency.to_uppercase();
    if is_one_of(ZERO_DECIMAL, currency) {
        format!("{amount} {code}")
    } else if is_one_of(THREE_DECIMAL, currency) {
        format!("{}.{:03} {code}", amount / 1000, amount % 1000)
    } else {
        format!("{}.{:02} {code}", amount / 100, amount % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_its_currency() {
        assert_eq!(display(1205, "usd"), "12.05 USD");
        assert_eq!(display(500, "jpy"), "500 JPY");
        assert_eq!(display(5_120, "kwd"), "5.120 KWD");
        assert!(is_known("eur") && !is_known("xyz") && !is_known("e r"));
    }
}
