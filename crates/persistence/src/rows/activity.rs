//! What visitors did.

use tollgate_domain::{
    activity::{Activity, ActivityKind},
    id::{HandleId, VisitorId},
};

use super::prelude::*;
use crate::schema::activity;

row! {
    ActivityRow in activity {
        visitor_id: AsText<VisitorId>,
        handle_id: AsText<HandleId>,
        kind: AsText<ActivityKind>,
        subject: String,
        day: i64,
        first_at: AsInt<Timestamp>,
        last_at: AsInt<Timestamp>,
        count: i64,
    }
    is Activity { visitor_id, handle_id, kind, subject, day, first_at, last_at, count }
}
