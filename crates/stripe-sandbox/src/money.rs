//! Currencies: which are known, how they are written, and the least and most that can be charged.

/// Presentment currencies. Three-decimal ones are left out, as what their last digit may be is no
/// longer documented.
const CURRENCIES: &str = "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bif bmd bnd bob brl \
    bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel \
    gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jpy kes kgs khr kmf krw kyd kzt lak lbp \
    lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen \
    pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs top \
    try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw";

const ZERO_DECIMAL: &str = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";

/// Twelve digits, the limit for cards.
pub(crate) const MAXIMUM: i64 = 999_999_999_999;

pub(crate) fn is_known(currency: &str) -> bool {
    currency.len() == 3 && CURRENCIES.split(' ').any(|known| known == currency)
}

/// The least that can be charged. Stripe measures after conversion to the settlement currency; for
/// currencies without a published figure the least is one minor unit.
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

/// `12.00 USD`, `500 JPY`.
pub(crate) fn display(amount: i64, currency: &str) -> String {
    let code = currency.to_uppercase();
    if ZERO_DECIMAL.split(' ').any(|known| known == currency) {
        format!("{amount} {code}")
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
        assert!(is_known("eur") && !is_known("xyz") && !is_known("e r"));
    }
}
