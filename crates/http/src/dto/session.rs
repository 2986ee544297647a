//! The sessions of visitors and creators, which look alike and are described apart.

/// Declares the body of a session with its name in the description and an example of its id. `Timestamp` and
/// `schemas` are those of the file that it stands in.
macro_rules! session_body {
    ($schema:ident, $id:tt) => {
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = "camelCase")]
        #[schema(as = $schema)]
        pub(crate) struct SessionBody {
            #[schema(example = $id)]
            id: String,
            #[schema(value_type = schemas::Instant)]
            created_at: Timestamp,
            #[schema(value_type = schemas::Instant)]
            expires_at: Timestamp,
            /// The kind of device that the session began on; null for sessions from before that was stored.
            #[schema(required = true, example = "Firefox on Linux")]
            device: Option<String>,
            /// Whether it is the session of this request.
            current: bool,
        }
    };
}
pub(crate) use session_body;
