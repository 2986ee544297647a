//! What would become of settings and prices, before they are stored.

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use tollgate_domain::{creators::HandleChange, money::Money};
use tollgate_formats::MailEnd;

use super::handles::HandleChangeBody;
use crate::{
    dto::{MoneyBody, json},
    extract::{HandlePath, JsonBody, Object, Own, nullable},
    locale::Texts,
    openapi::{problem_responses, schemas},
    problem::{Answer, FieldErrors},
};

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MailPreviewRequest)]
#[expect(clippy::option_option, reason = "absent, null and a text are three things to say")]
pub(crate) struct MailPreviewBody {
    /// Where visitors could ask for help; as it is stored when unset. Null leaves the sentence out.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, example = "help@example.com", format = Email, max_length = 254)]
    support_email: Option<Option<String>>,
    /// What mails to visitors could end with, as plain text; as it is stored when unset. Null leaves it out.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, example = "Ada's workshop, 1 Mill Lane", format = "text", max_length = 500)]
    mail_footer: Option<Option<String>>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MailPreview)]
pub(crate) struct MailPreviewedBody {
    /// The last lines of a mail as plain text; empty if nothing is added to mails.
    #[schema(example = "Questions? Write to help@example.com.\nAda's workshop, 1 Mill Lane")]
    text: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PricePreviewRequest)]
pub(crate) struct PricePreviewBody {
    #[schema(value_type = schemas::Price)]
    price: Object<MoneyBody>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PricePreview)]
pub(crate) struct PricePreviewedBody {
    /// What buyers pay.
    price: MoneyBody,
    /// What the platform keeps of it.
    platform_fee: MoneyBody,
    /// About what arrives at the creator's account. The fees of Stripe itself are not taken off.
    net: MoneyBody,
}

problem_responses! {
    PreviewProblems: HandleNotFound;
}

/// What mails to visitors end with.
///
/// In the language that `Accept-Language` asks for, English or German; mails have the one of their recipient. Nothing is
/// stored or sent.
#[utoipa::path(post, path = "/v2/handles/{handle}/preview/mail", tag = "handles", operation_id = "mail_preview",
    security(("creator" = [])), params(crate::openapi::HandleParams), request_body = Option<MailPreviewBody>,
    responses((status = 200, description = "The end of a mail", body = MailPreviewedBody), PreviewProblems))]
pub(super) async fn mail(own: Own<HandlePath>, t: Texts, body: JsonBody) -> Answer {
    let draft = body.receive().await?.draft_or_default::<MailPreviewBody>()?;
    let change = draft.parse(|body| HandleChange::try_from(HandleChangeBody::from(body)))?;
    let handles = &own.http.use_cases.handles;
    let handle = handles.owned(&own.creator, &own.path.name()?).await?;
    let end = MailEnd::of(&change.texts(handle.texts), t.0);
    let text = end.map(|end| end.lines().join("\n")).unwrap_or_default();
    Ok(json(StatusCode::OK, &MailPreviewedBody { text }))
}

/// What of a price the platform keeps, and about what arrives.
#[utoipa::path(post, path = "/v2/handles/{handle}/preview/price", tag = "pages", operation_id = "price_preview",
    security(("creator" = [])), params(crate::openapi::HandleParams), request_body = PricePreviewBody,
    responses((status = 200, description = "Who gets what", body = PricePreviewedBody,
        example = json!({
            "price": {"amount": 1200, "currency": "usd"},
            "platformFee": {"amount": 30, "currency": "usd"},
            "net": {"amount": 1170, "currency": "usd"},
        })), PreviewProblems))]
pub(super) async fn price(own: Own<HandlePath>, body: JsonBody) -> Answer {
    let price = body.draft().await?.parse(PricePreviewBody::read)?;
    let Own { http, creator, path } = own;
    http.use_cases.handles.owned(&creator, &path.name()?).await?;
    let checkouts = &http.use_cases.checkouts;
    let body = PricePreviewedBody {
        price: MoneyBody::of(price),
        platform_fee: MoneyBody::of(checkouts.fee(price)),
        net: MoneyBody::of(checkouts.net(price)),
    };
    Ok(json(StatusCode::OK, &body))
}

impl From<MailPreviewBody> for HandleChangeBody {
    fn from(body: MailPreviewBody) -> Self {
        let MailPreviewBody { support_email, mail_footer } = body;
        Self { support_email, mail_footer, ..Self::default() }
    }
}

impl PricePreviewBody {
    fn read(self) -> Result<Money, FieldErrors> {
        let price = self.price.0.read().map_err(|error| FieldErrors::one("price", error))?;
        let price = Money::price(price.amount, price.currency);
        price.map_err(|error| FieldErrors::one("price", error))
    }
}
