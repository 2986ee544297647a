//! `GET /v2/openapi.json`: the description itself.

use std::sync::OnceLock;

use actix_web::{HttpResponse, http::header::ContentType, web::Data};

use crate::{
    openapi::{CommonProblems, Describe},
    unchanging::Unchanging,
};

/// This description.
#[utoipa::path(get, path = "/v2/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json",
        example = json!({"openapi": "3.1.0"})), CommonProblems))]
pub(crate) async fn description(describe: Data<Describe>) -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| (describe.0)().document.to_string());
    let mut answer = HttpResponse::Ok().content_type(ContentType::json()).body(text.as_str());
    answer.extensions_mut().insert(Unchanging(text));
    answer
}
