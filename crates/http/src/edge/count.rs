//! What is counted of requests and decisions, by crate `metrics`. Nothing is counted until the program installs
//! a recorder.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use actix_web::{
    body::BoxBody,
    dev::ServiceResponse,
    http::{Method, StatusCode},
};
use metrics::{Counter, Histogram, counter, histogram};
use tollgate_domain::access::{Reason, ResourceType};

use super::label::{label, of_pattern};
use crate::dto::{FileReason, TextEnum};

/// The route of a request that none matches.
const NO_ROUTE: &str = "none";

/// The counters of a route, a method and a status.
struct Counters {
    requests: Counter,
    seconds: Histogram,
    /// The route in the log.
    label: Rc<str>,
}

thread_local! {
    /// The counters that this thread has looked up. There are as many as routes, methods and statuses.
    static KNOWN: RefCell<HashMap<(String, &'static str, StatusCode), Counters>> = RefCell::default();
    static DECISIONS: RefCell<BTreeMap<(&'static str, &'static str), Counter>> = RefCell::default();
}

/// Counts an answered request, and the time until its answer began. Returns its route for the log.
pub(super) fn request(response: &ServiceResponse<BoxBody>, micros: i64) -> Rc<str> {
    let request = response.request();
    // The pattern and not the path: a stranger must not be able to make up labels.
    let pattern = request.match_pattern();
    let is_matched = pattern.is_some();
    let route = pattern.unwrap_or_else(|| NO_ROUTE.to_owned());
    let key = (route, name(request.method()), response.status());
    let known_label = KNOWN.with_borrow_mut(|known| {
        let counters = known.entry(key).or_insert_with_key(|(route, method, status)| Counters {
            requests: counter!(
                "tollgate_requests_total",
                "route" => route.clone(),
                "method" => *method,
                "status" => status.as_str().to_owned()
            ),
            seconds: histogram!("tollgate_request_duration_seconds", "route" => route.clone()),
            label: of_pattern(route).into(),
        });
        counters.requests.increment(1);
        counters.seconds.record(seconds(micros));
        counters.label.clone()
    });
    if is_matched { known_label } else { label(request.path()).into() }
}

/// Counts a request that was refused because too many were being answered.
pub(super) fn refused_as_too_many() {
    counter!("tollgate_overload_refusals_total").increment(1);
}

pub(crate) fn decision(resource: ResourceType, reason: Reason) {
    let resource = match resource {
        ResourceType::Page => "page",
        ResourceType::File => "file",
    };
    let reason = FileReason::from(reason).as_str();
    DECISIONS.with_borrow_mut(|known| {
        let counter = known.entry((resource, reason)).or_insert_with_key(
            |(resource, reason)| {
                counter!("tollgate_decisions_total", "resource" => *resource, "reason" => *reason)
            },
        );
        counter.increment(1);
    });
}

/// Counts a message of a mail service: `taken` or `refused`.
pub(crate) fn mail_report(outcome: &'static str) {
    counter!("tollgate_mail_reports_total", "outcome" => outcome).increment(1);
}

/// Counts a webhook: `taken`, `refused`, or `ignored` because it is of the other mode.
pub(crate) fn webhook(outcome: &'static str) {
    counter!("tollgate_webhooks_total", "outcome" => outcome).increment(1);
}

fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn seconds(micros: i64) -> f64 {
    let micros = u32::try_from(micros.max(0)).unwrap_or(u32::MAX);
    f64::from(micros) / 1e6
}
