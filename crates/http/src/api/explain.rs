//! Why somebody sees something, or does not.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    Timestamp,
    access::{Fact, Reason},
    books::{Explanation, Target, WouldChange},
    creators::Slug,
    email::Email,
    validation::FieldErrors,
};

use super::{MoneyBody, json};
use crate::{
    extract::{HandlePath, Query, SignedCreator},
    openapi::{refusals, words},
    problem::{Answer, Code, Problem},
    state::Http,
};

/// Whom and what it is about: one of `page` and `file`.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Query reads it")]
pub(crate) struct ExplainQuery {
    /// The person's address.
    #[param(value_type = words::EmailAddress, example = "bob@example.com")]
    email: String,
    /// The page.
    #[param(nullable = false, example = "guide")]
    page: Option<String>,
    /// The file.
    #[param(nullable = false, example = "handbook")]
    file: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Explanation)]
pub(crate) struct ExplanationBody {
    #[schema(value_type = words::EmailAddress)]
    email: String,
    resource: ResourceBody,
    has_access: bool,
    /// What an access check would answer, or `page_not_found`.
    #[schema(example = "purchase_required")]
    reason: &'static str,
    rule: RuleBody,
    /// What the ledger says of the person and the page, oldest first.
    facts: Vec<FactBody>,
    /// What would decide otherwise.
    would_change: Vec<ChangeBody>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExplainedResource)]
pub(crate) struct ResourceBody {
    #[schema(value_type = words::ResourceType)]
    r#type: &'static str,
    #[schema(value_type = words::Slug)]
    slug: String,
    #[schema(example = "A guide")]
    title: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExplainedRule)]
pub(crate) struct RuleBody {
    #[schema(example = "not_bought")]
    id: &'static str,
    #[schema(example = "The page is PAID, and this person has no purchase of it.")]
    text: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExplainedFact)]
pub(crate) struct FactBody {
    #[schema(value_type = words::Instant)]
    at: Timestamp,
    #[schema(example = "purchased")]
    kind: &'static str,
    #[schema(required = true, example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    purchase_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<MoneyBody>,
    /// Stripe's object, or the purchase.
    #[schema(example = "cs_test_a1B2c3")]
    reference: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExplainedChange)]
pub(crate) struct ChangeBody {
    /// `buy`, `grant`, `refund`, `revoke_grant`, `win_disputes`, `publish`, `archive`, `make_public`,
    /// `make_free_with_login` or `make_paid`.
    #[schema(example = "grant")]
    action: &'static str,
    #[schema(example = "Opens the page: entitled.")]
    effect: String,
}

refusals! {
    ExplainRefusals: CreatorUnauthorized HandleNotFound PageNotFound NotFound ValidationFailed;
}

/// Why a person sees a page, or does not.
///
/// The decision is the one that the gate makes for this person, signed in.
#[utoipa::path(get, path = "/v2/handles/{handle}/explain", tag = "books", security(("creator" = [])),
    params(crate::openapi::HandleParams, ExplainQuery),
    responses((status = 200, description = "The decision, and what is behind it", body = ExplanationBody),
        ExplainRefusals))]
pub(super) async fn explain(
    http: Http,
    creator: SignedCreator,
    path: HandlePath,
    query: Query,
) -> Answer {
    let (email, target) = question(&query)?;
    let name = path.name()?;
    let target = match target {
        Ok(target) => target,
        Err(problem) => {
            http.handles.owned(&creator.creator, &name).await?;
            return Err(problem);
        }
    };
    let explanation = http.books.explain(&creator.creator, &name, target, email).await?;
    Ok(json(StatusCode::OK, &ExplanationBody::of(&explanation)))
}

/// Whom it is about, and what: a page or file whose name cannot exist is one that does not.
fn question(query: &Query) -> Result<(Email, Result<Target, Problem>), Problem> {
    let [email, page, file] = query.read(["email", "page", "file"])?;
    let mut errors = FieldErrors::new();
    let email = match email {
        Some(text) => errors.check("email", text.parse::<Email>()),
        None => errors.check("email", Err("is required")),
    };
    let target = match (page, file) {
        (Some(page), None) => {
            page.parse::<Slug>().map(Target::Page).map_err(|_| Code::PageNotFound)
        }
        (None, Some(_)) => Err(Code::NotFound),
        (None, None) => {
            errors.add("page", "is required, or file");
            Err(Code::PageNotFound)
        }
        (Some(_), Some(_)) => {
            errors.add("page", "goes without file");
            Err(Code::PageNotFound)
        }
    };
    errors.finish().map_err(Problem::invalid)?;
    // Without an address there was an error.
    let email = email.ok_or_else(|| Problem::field("email", "is required"))?;
    Ok((email, target.map_err(Problem::new)))
}

/// A decision as the gate answers it.
fn reason(decision: Option<Reason>) -> &'static str {
    decision.map_or(Code::PageNotFound.as_str(), Reason::as_str)
}

impl ExplanationBody {
    fn of(explanation: &Explanation) -> Self {
        let decision = explanation.reason();
        Self {
            email: explanation.email.as_str().to_owned(),
            resource: ResourceBody {
                r#type: "PAGE",
                slug: explanation.page.slug.to_string(),
                title: explanation.page.title.clone(),
            },
            has_access: decision.is_some_and(Reason::has_access),
            reason: reason(decision),
            rule: RuleBody { id: explanation.rule.as_str(), text: text(explanation) },
            facts: explanation.facts.iter().map(FactBody::of).collect(),
            would_change: explanation.would_change.iter().copied().map(ChangeBody::of).collect(),
        }
    }
}

/// The rule, and what it takes for granted.
fn text(explanation: &Explanation) -> String {
    let rule = explanation.rule.text();
    let anonymous = explanation.anonymous.reason();
    if anonymous == explanation.reason() {
        return rule.to_owned();
    }
    let otherwise = reason(anonymous);
    format!("{rule} This takes the person to be signed in; without a session it is {otherwise}.")
}

impl FactBody {
    fn of(fact: &Fact) -> Self {
        Self {
            at: fact.at,
            kind: fact.kind.as_str(),
            purchase_id: fact.purchase_id.map(|id| id.to_string()),
            amount: fact.amount.map(MoneyBody::of),
            reference: fact.reference.clone(),
        }
    }
}

impl ChangeBody {
    fn of(would: WouldChange) -> Self {
        let decision = would.rule.reason();
        let opens = decision.is_some_and(Reason::has_access);
        let verb = if opens { "Opens" } else { "Closes" };
        let effect = format!("{verb} the page: {}. {}", reason(decision), would.rule.text());
        Self { action: would.change.as_str(), effect }
    }
}
