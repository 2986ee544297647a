//! Checks of the process and of its database.

use actix_web::{HttpResponse, http::header::ContentType};

use crate::{openapi::CommonProblems, problem::Answer, state::Http};

/// Whether the process runs.
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()),
    responses((status = 200, description = "It does", body = String, content_type = "text/plain", example = "ok")))]
pub(super) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body("ok")
}

/// Whether the process can do its work: the database answers and has the right schema.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()),
    responses((status = 200, description = "It can", body = String, content_type = "text/plain", example = "ready"), CommonProblems))]
pub(super) async fn readyz(http: Http) -> Answer {
    http.probes().ready.get(&*http.clock, http.store.ready()).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::plaintext()).body("ready"))
}
