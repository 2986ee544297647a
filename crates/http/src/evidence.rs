//! What is known about a disputed sale, as a text to submit to the bank.

use tollgate_domain::{
    activity::{Activity, ActivityKind},
    disputes::DisputeCase,
    money::Money,
    payments::DisputeProgress,
};

use crate::locale::Texts;

/// Returns the evidence of a case in the language of `t`.
pub(crate) fn text(t: Texts, case: &DisputeCase) -> String {
    let sold = &case.sold;
    let title = title(case.dispute.progress);
    let mut lines = vec![t.with(title, "id", case.dispute.id.as_str()), String::new()];
    if let Some(payment) = &sold.purchase.payment {
        lines.push(t.with_all(
            "evidence-sale",
            &[
                ("email", sold.email.to_string()),
                ("title", sold.title.clone()),
                ("seller", sold.handle.title.clone()),
                ("date", t.day_and_time(sold.purchase.paid_or_recorded_at())),
                ("amount", t.money(payment.paid)),
            ],
        ));
        lines.push(t.with("evidence-payment", "id", payment.payment_intent.as_str()));
        if sold.purchase.refunded > 0 {
            let refunded = Money::new(sold.purchase.refunded, payment.paid.currency);
            lines.push(t.with("evidence-refunded", "amount", t.money(refunded)));
        }
    }
    let opened_at = t.day_and_time(sold.purchase.created_at);
    lines.extend([String::new(), t.with("evidence-delivery", "date", opened_at)]);
    for (kind, heading) in [
        (ActivityKind::SignedIn, "evidence-signed-in"),
        (ActivityKind::Viewed, "evidence-viewed"),
        (ActivityKind::Downloaded, "evidence-downloaded"),
    ] {
        let mut of_kind = case.activity.iter().filter(|it| it.kind == kind).peekable();
        if of_kind.peek().is_some() {
            lines.extend([String::new(), t.get(heading)]);
            lines.extend(of_kind.map(|it| line(t, it)));
        }
    }
    lines.join("\n")
}

/// Returns the text of the heading. An inquiry is not a dispute yet.
fn title(progress: DisputeProgress) -> &'static str {
    match progress {
        DisputeProgress::Inquiry => "evidence-inquiry-title",
        DisputeProgress::Open | DisputeProgress::Won | DisputeProgress::Lost => "evidence-title",
    }
}

/// Returns whether no use of what was bought is recorded. The text does not say so, since it is to be submitted.
pub(crate) fn has_no_use(case: &DisputeCase) -> bool {
    case.activity.iter().all(|it| it.kind == ActivityKind::SignedIn)
}

fn line(t: Texts, it: &Activity) -> String {
    let (first, last) = (t.day_and_time(it.first_at), t.day_and_time(it.last_at));
    let times = match it.count {
        1 => first,
        _ => t.with_all(
            "evidence-times",
            &[("count", t.number(it.count)), ("first", first), ("last", last)],
        ),
    };
    match it.kind {
        ActivityKind::Downloaded => format!("- {}: {times}", it.subject),
        ActivityKind::SignedIn | ActivityKind::Viewed => format!("- {times}"),
    }
}
