//! A page or file on a person's page: the decision, how it came about, and what would change it.

use std::collections::BTreeMap;

use tollgate_domain::{
    access::{AccessStatus, Fact, FactKind, GrantType},
    email::Email,
    money::Money,
    moves::AddressMove,
    names::Slug,
    payments::ProviderRefundId,
    refunds::PAID_TWICE,
    reports::{
        Change, Explained, Explanation, Sale, Target,
        ports::{PendingPayment, UnpaidOrder},
    },
};

use super::{
    super::{page::When, who::AtHandle},
    Link, sentences, written,
};
use crate::{links::page_path, locale::isolated};

/// What an explanation is put in words with.
pub(super) struct Case<'a> {
    pub(super) at: &'a AtHandle,
    pub(super) email: &'a Email,
    /// The storefront's origin.
    pub(super) shop: &'a str,
    /// The person's purchases and grants.
    pub(super) sales: &'a [Sale],
    /// Why refunds were made, by Stripe's refund.
    pub(super) reasons: &'a BTreeMap<ProviderRefundId, String>,
    /// The confirmed changes of the address.
    pub(super) moves: &'a [AddressMove],
}

/// A page or file, as the template shows it.
pub(super) struct Section {
    /// The value of the field `about`.
    pub(super) about: String,
    /// The id of the file, if it is one.
    pub(super) file: Option<String>,
    pub(super) title: String,
    /// Whether it is a page or a file, in a word.
    pub(super) kind: String,
    /// The screen where it is edited.
    pub(super) address: String,
    pub(super) has_access: bool,
    /// The reason for the decision, in one sentence.
    pub(super) decision: String,
    /// The sentence that a file has the gate of its page, if it has.
    pub(super) of_page: Option<String>,
    /// A payment that is on its way.
    pub(super) pending: Option<String>,
    /// A payment that does not match its order.
    pub(super) quarantined: Option<String>,
    pub(super) signed_out: String,
    /// Whether a sign-in link lets the person in.
    pub(super) needs_link: bool,
    pub(super) purchases: Vec<Bought>,
    pub(super) timeline: Vec<Event>,
    pub(super) steps: Vec<Step>,
}

/// A purchase or a grant.
pub(super) struct Bought {
    pub(super) text: String,
    pub(super) when: When,
    pub(super) status: String,
    pub(super) class: &'static str,
    /// The purchase, if it has a receipt.
    pub(super) receipt: Option<String>,
    /// The link to refund or revoke it, if it is active.
    pub(super) end: Option<Link>,
    /// The link to its dispute or inquiry, if there is or was one.
    pub(super) dispute: Option<Link>,
}

/// A fact of the ledger, a payment that failed, or a pay page that was not paid.
pub(super) struct Event {
    pub(super) when: When,
    pub(super) text: String,
    pub(super) amount: Option<String>,
    /// Stripe's id of the object to look at there.
    pub(super) in_stripe: Option<String>,
    /// What the creator wrote about it.
    pub(super) reason: Option<String>,
}

/// Something that would change the decision: a link to where it is done, a button, or only words.
pub(super) struct Step {
    pub(super) label: String,
    pub(super) address: Option<String>,
    /// The value of the button `do`.
    pub(super) button: Option<&'static str>,
}

impl Case<'_> {
    /// Puts an explanation in words.
    pub(super) fn section(&self, explanation: &Explanation) -> Section {
        let (t, about) = (self.at.screen.t, &explanation.about);
        let (ruling, signed_out) = (explanation.ruling, explanation.anonymous);
        let file = match about {
            Explained::File(file) => Some(file.id.to_string()),
            Explained::Page(_) => None,
        };
        let page = page_of(about);
        let (kind, target, title, address) = match about {
            Explained::Page(page) => {
                let (target, editor) =
                    (Target::Page(page.slug.clone()), self.at.editor(&page.slug));
                ("console-people-page", target, &page.title, editor)
            }
            Explained::File(file) => {
                let (target, path) =
                    (Target::File(file.slug.clone()), format!("/files/{}", file.slug));
                ("console-people-file", target, &file.name, self.at.path(&path))
            }
        };
        let with_page = page_with(about).filter(|_| ruling.is_of_page).map(isolated);
        let changes = explanation.would_change.iter();
        Section {
            about: written(&target),
            title: title.clone(),
            kind: t.get(kind),
            address,
            has_access: ruling.has_access(),
            decision: t.get(self.decision(explanation)),
            of_page: with_page.map(|page| t.with("console-people-file-of-page", "page", page)),
            pending: explanation
                .pending
                .map(|pending| t.with("console-people-pending", "amount", t.money(pending.amount))),
            quarantined: explanation
                .quarantined
                .map(|found| t.with("console-people-quarantined", "amount", t.money(found.amount))),
            signed_out: t.get(sentences::signed_out(ruling, signed_out, file.is_some())),
            needs_link: file.is_none() && ruling.has_access() && !signed_out.has_access(),
            purchases: self.sales_of(page).map(|sale| self.bought(sale)).collect(),
            timeline: self.timeline(explanation),
            steps: changes.flat_map(|would| self.steps(about, would.change)).collect(),
            file,
        }
    }

    pub(super) fn sales_of(&self, page: Option<&Slug>) -> impl Iterator<Item = &Sale> {
        self.sales.iter().filter(move |sale| page == Some(&sale.slug))
    }

    fn bought(&self, sale: &Sale) -> Bought {
        let t = self.at.screen.t;
        let payment = sale.purchase.payment.as_ref();
        let text = sentences::granted_as(sale.purchase.granted_as);
        let amount = payment.map(|payment| t.money(payment.paid)).unwrap_or_default();
        let (status, class) = sentences::status(sale.status());
        Bought {
            text: t.with(text, "amount", amount),
            when: When::day(t, sale.purchase.created_at),
            status: t.get(status),
            class,
            receipt: payment.map(|_| sale.purchase.id.to_string()),
            end: self.refund(sale).or_else(|| self.revocation(sale)),
            dispute: sale.is_disputed.then(|| Link {
                address: self.evidence(sale),
                label: t.get(sentences::dispute_link(sale.status())),
            }),
        }
    }

    /// Returns what happened, oldest first: the facts, the payments that failed after they were made, and the pay pages that
    /// were not paid.
    fn timeline(&self, explanation: &Explanation) -> Vec<Event> {
        let facts = explanation.facts.iter().map(|fact| (fact.at, self.event(fact)));
        let failed = explanation.failed.iter().map(|payment| (payment.since, self.failed(payment)));
        let unpaid = explanation.unpaid.iter();
        let unpaid = unpaid.map(|order| (order.payment.since, self.unpaid(order)));
        let mut events: Vec<_> = facts.chain(failed).chain(unpaid).collect();
        events.sort_by_key(|(at, _)| *at);
        events.into_iter().map(|(_, event)| event).collect()
    }

    fn failed(&self, payment: &PendingPayment) -> Event {
        self.payment(payment, "console-people-fact-payment-failed")
    }

    fn unpaid(&self, order: &UnpaidOrder) -> Event {
        let text = if order.is_over {
            "console-people-fact-pay-page-ended"
        } else {
            "console-people-fact-pay-page-opened"
        };
        self.payment(&order.payment, text)
    }

    fn payment(&self, payment: &PendingPayment, text: &str) -> Event {
        let t = self.at.screen.t;
        Event {
            when: When::exact(t, payment.since),
            text: t.get(text),
            amount: Some(t.money(payment.amount)),
            in_stripe: None,
            reason: None,
        }
    }

    fn event(&self, fact: &Fact) -> Event {
        let t = self.at.screen.t;
        Event {
            when: When::exact(t, fact.at),
            text: self.moved(fact).unwrap_or_else(|| t.get(sentences::fact(fact))),
            amount: fact.amount.map(|amount| t.money(amount)),
            in_stripe: is_for_stripe(fact.kind).then(|| fact.object().to_owned()),
            reason: self.reason(fact),
        }
    }

    /// Returns the words for a change of the address, with the other one. Its fact is named after it.
    fn moved(&self, fact: &Fact) -> Option<String> {
        let id = fact.change_of_address()?;
        let confirmed = self.moves.iter().find(|confirmed| confirmed.id.to_string() == id)?;
        let (words, other) = if fact.kind == FactKind::Revoked {
            ("console-people-fact-moved-gift", &confirmed.to)
        } else if confirmed.to == *self.email {
            ("console-people-fact-moved-here", &confirmed.from)
        } else {
            ("console-people-fact-moved-away", &confirmed.to)
        };
        Some(self.at.screen.t.with(words, "email", isolated(other.shown())))
    }

    /// Returns why a refund was made, if the creator said so.
    fn reason(&self, fact: &Fact) -> Option<String> {
        if fact.kind != FactKind::RefundAccepted {
            return None;
        }
        let reason = self.reasons.get(&ProviderRefundId::new(&*fact.reference))?;
        Some(match reason.as_str() {
            PAID_TWICE => self.at.screen.t.get("console-people-reason-paid-twice"),
            reason => reason.to_owned(),
        })
    }

    /// Returns what the creator does to bring a change about. The buttons to refund a payment or to take a gift back are at the
    /// purchases.
    fn steps(&self, about: &Explained, change: Change) -> Vec<Step> {
        let page = page_of(about).map(Slug::as_str).unwrap_or_default();
        let editor = || page_of(about).map(|page| self.at.editor(page));
        let file = || match about {
            Explained::File(file) => Some(self.at.path(&format!("/files/{}", file.slug))),
            Explained::Page(_) => None,
        };
        let (label, address, button) = match change {
            Change::Buy => {
                let address = format!("{}{}", self.shop, page_path(page));
                ("console-people-step-buy", Some(address), None)
            }
            Change::PaymentArrives => ("console-people-step-payment-arrives", None, None),
            Change::Grant => {
                let pairs = [("email", self.email.as_str()), ("page", page)];
                (
                    "console-people-step-grant",
                    Some(self.at.path_with("/people/grant", &pairs)),
                    None,
                )
            }
            Change::Refund if self.has(about, |sale| self.refund(sale)) => {
                ("console-people-step-refund-above", None, None)
            }
            Change::RevokeGrant if self.has(about, |sale| self.revocation(sale)) => {
                ("console-people-step-revoke-above", None, None)
            }
            Change::Refund | Change::RevokeGrant => return Vec::new(),
            Change::WinDisputes => {
                let disputes = self.each(about, |sale| self.dispute(sale));
                if !disputes.is_empty() {
                    return disputes;
                }
                ("console-people-step-win-disputes", None, None)
            }
            Change::Publish => ("console-people-step-publish", editor(), None),
            Change::Archive => {
                let ask = self.at.path(&format!("/pages/{page}/archive"));
                ("console-people-step-archive", Some(ask), None)
            }
            Change::MakePublic => ("console-people-step-make-public", editor(), None),
            Change::MakeFreeWithLogin => ("console-people-step-make-free", editor(), None),
            Change::MakePaid => ("console-people-step-make-paid", editor(), None),
            Change::Allow => ("console-people-step-allow", None, Some("allow")),
            Change::Disallow => {
                let list = file().map(|file| format!("{file}/allowlist"));
                ("console-people-step-disallow", list, None)
            }
            Change::MakeFilePublic => ("console-people-step-make-file-public", file(), None),
        };
        vec![Step { label: self.at.screen.t.get(label), address, button }]
    }

    /// Returns the link to the refund of an active purchase, if there is anything to refund.
    fn refund(&self, sale: &Sale) -> Option<Link> {
        if sale.status() != AccessStatus::Active || sale.purchase.refundable() <= 0 {
            return None;
        }
        let t = self.at.screen.t;
        let paid = sale.purchase.payment.as_ref()?.paid;
        let rest = t.money(Money::new(sale.purchase.refundable(), paid.currency));
        let day = t.day(sale.purchase.created_at);
        Some(Link {
            address: self.at.refund(sale.purchase.id),
            label: t.with2("console-people-step-refund", "amount", rest, "day", day),
        })
    }

    fn revocation(&self, sale: &Sale) -> Option<Link> {
        let is_gift = sale.purchase.granted_as == GrantType::Complimentary;
        if sale.status() != AccessStatus::Active || !is_gift {
            return None;
        }
        let grant = sale.purchase.id.to_string();
        let pairs =
            [("email", self.email.as_str()), ("page", sale.slug.as_str()), ("grant", &*grant)];
        Some(Link {
            address: self.at.path_with("/people/revoke", &pairs),
            label: self.at.screen.t.get("console-people-step-revoke"),
        })
    }

    /// Returns the link to the dispute that suspends a purchase.
    fn dispute(&self, sale: &Sale) -> Option<Link> {
        let is_known = sale.is_disputed && sale.status() == AccessStatus::Suspended;
        is_known.then(|| Link {
            address: self.evidence(sale),
            label: self.at.screen.t.get("console-people-step-win-dispute"),
        })
    }

    /// Returns the path of the dispute of a purchase.
    fn evidence(&self, sale: &Sale) -> String {
        self.at.dispute(sale.purchase.id)
    }

    /// Returns whether there is a link for a purchase or grant of the page.
    fn has(&self, about: &Explained, link: impl Fn(&Sale) -> Option<Link>) -> bool {
        self.sales_of(page_of(about)).any(|sale| link(sale).is_some())
    }

    /// Returns the links for the purchases and grants of the page that there is a link for.
    fn each(&self, about: &Explained, link: impl Fn(&Sale) -> Option<Link>) -> Vec<Step> {
        self.sales_of(page_of(about)).filter_map(link).map(Step::from).collect()
    }
}

impl From<Link> for Step {
    fn from(Link { address, label }: Link) -> Self {
        Self { label, address: Some(address), button: None }
    }
}

/// Returns whether the creator has to look at the payment at Stripe.
fn is_for_stripe(kind: FactKind) -> bool {
    matches!(
        kind,
        FactKind::PaymentQuarantined
            | FactKind::RefundFailed
            | FactKind::Inquired
            | FactKind::Disputed
    )
}

/// Returns the title of the page that the file is attached to.
fn page_with(about: &Explained) -> Option<&str> {
    let Explained::File(file) = about else { return None };
    file.page.as_ref().map(|page| page.title.as_str())
}

/// Returns the page, or the page that the file is attached to.
pub(super) fn page_of(about: &Explained) -> Option<&Slug> {
    match about {
        Explained::Page(page) => Some(&page.slug),
        Explained::File(file) => file.page.as_ref().map(|page| &page.slug),
    }
}
