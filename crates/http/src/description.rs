//! The finished description of the JSON interface, made once from the tables of all callers.

use std::sync::LazyLock;

use serde_json::Value;
use utoipa::{OpenApi, openapi};

use crate::{
    creator,
    openapi::{Description, finish},
    operations, public,
    routes::Table,
    visitor,
};

/// The tables of the JSON interface, in the order in which the router tries them: the most requested first.
pub(crate) const TABLES: [Table; 4] =
    [public::TABLE, visitor::TABLE, creator::TABLE, operations::TABLE];

/// Returns the OpenAPI 3.1 description of the JSON interface.
pub fn openapi() -> &'static Value {
    &description().document
}

/// Returns the description with the additional data for the reference pages.
pub(crate) fn description() -> &'static Description {
    static FINISHED: LazyLock<Description> = LazyLock::new(|| Description {
        document: finish(described(), &mut Vec::new()),
        operations: TABLES
            .iter()
            .flat_map(|table| table.paths)
            .flat_map(|(path, methods)| methods.iter().map(|method| (*path, *method)))
            .collect(),
    });
    &FINISHED
}

/// Returns the parts of the description that the handlers declare.
fn described() -> openapi::OpenApi {
    #[derive(OpenApi)]
    struct Everything;

    let mut all = Everything::openapi();
    for table in &TABLES {
        all.merge((table.describe)());
    }
    all
}

#[cfg(test)]
#[path = "tests/description.rs"]
mod tests;
