//! Visitors, creators, and their sessions.

use jiff::Timestamp;

use super::{RANDOM, a_token_hash, an_email, builder};
use crate::{at, start_of_time};
use tollgate_domain::{
    clock::plus_seconds,
    creators::{Creator, CreatorSession, Handle},
    email::Email,
    id::{CreatorId, CreatorSessionId, MagicLinkId, MoveId, VisitorId, VisitorSessionId},
    moves::AddressMove,
    random,
    visitor_auth::{MagicLink, ReturnTo, Visitor, VisitorSession},
};

pub fn a_visitor() -> VisitorBuilder {
    VisitorBuilder(Visitor {
        id: VisitorId::new(&*RANDOM),
        email: an_email(),
        created_at: start_of_time(),
    })
}

builder! {
    /// See [`a_visitor`].
    VisitorBuilder of Visitor;

    /// With this address.
    pub fn email(mut self, email: Email) -> Self {
        self.0.email = email;
        self
    }

    /// Sets the instant at which the visitor came.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.created_at = instant;
        self
    }
}

/// A magic link for 15 minutes.
pub fn a_link() -> LinkBuilder {
    LinkBuilder(MagicLink {
        id: MagicLinkId::new(start_of_time(), &*RANDOM),
        token: a_token_hash(),
        code_fingerprint: random::bytes(&*RANDOM),
        email: an_email(),
        return_to: None,
        attempts: 0,
        created_at: start_of_time(),
        expires_at: plus_seconds(start_of_time(), 900),
        used_at: None,
        asked_by: None,
        confirmed_by: None,
    })
}

builder! {
    /// See [`a_link`].
    LinkBuilder of MagicLink;

    /// To this address.
    pub fn to(mut self, email: &Email) -> Self {
        self.0.email = email.clone();
        self
    }

    /// Asked for at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = MagicLinkId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.expires_at = plus_seconds(instant, 900);
        self
    }

    /// With a place to go to afterwards.
    pub fn return_to(mut self, url: &str) -> Self {
        self.0.return_to = Some(ReturnTo::stored(url.to_owned()));
        self
    }
}

/// A visitor's session of 30 days.
pub fn a_session(visitor: &Visitor) -> SessionBuilder {
    SessionBuilder(VisitorSession {
        id: VisitorSessionId::new(start_of_time(), &*RANDOM),
        token: a_token_hash(),
        visitor_id: visitor.id,
        created_at: start_of_time(),
        expires_at: plus_seconds(start_of_time(), 30 * 24 * 3600),
        frontend: None,
        device: None,
    })
}

builder! {
    /// See [`a_session`].
    SessionBuilder of VisitorSession;

    /// Opened at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = VisitorSessionId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.expires_at = plus_seconds(instant, 30 * 24 * 3600);
        self
    }

    /// Ending at `instant`.
    pub fn expires_at(mut self, instant: Timestamp) -> Self {
        self.0.expires_at = instant;
        self
    }
}

/// A creator with the password `correct horse`, as `PlainPasswords` hash it.
pub fn a_creator() -> CreatorBuilder {
    CreatorBuilder(Creator {
        id: CreatorId::new(start_of_time(), &*RANDOM),
        email: an_email(),
        name: "Ada".into(),
        password_hash: "plain$correct horse".into(),
        created_at: start_of_time(),
        email_verified_at: Some(start_of_time()),
        suspended_at: None,
    })
}

builder! {
    /// See [`a_creator`].
    CreatorBuilder of Creator;

    /// With this address.
    pub fn email(mut self, email: Email) -> Self {
        self.0.email = email;
        self
    }
}

/// A creator's session of 30 days.
pub fn a_creator_session(creator: &Creator) -> CreatorSession {
    CreatorSession {
        id: CreatorSessionId::new(start_of_time(), &*RANDOM),
        creator_id: creator.id,
        token: a_token_hash(),
        created_at: start_of_time(),
        expires_at: plus_seconds(start_of_time(), 30 * 24 * 3600),
        device: None,
    }
}

/// A change of address from `from` to `to`, asked for at the start of time and good for ten seconds.
pub fn a_move(handle: &Handle, from: &Email, to: &Email) -> AddressMove {
    AddressMove {
        id: MoveId::new(start_of_time(), &*RANDOM),
        token: a_token_hash(),
        handle_id: handle.id,
        from: from.clone(),
        to: to.clone(),
        created_at: start_of_time(),
        expires_at: at(10),
        used_at: None,
    }
}
