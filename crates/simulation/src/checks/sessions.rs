//! Sessions of visitors, and the links that make them.

use std::collections::BTreeSet;

use tollgate_domain::token::Token;

use crate::{
    history::{PEOPLE, Who},
    machine::ReplicaId,
    simulation::Simulation,
    violation::{Rule, Violation},
};

/// Longer than a session lasts, in seconds.
const MORE_THAN_A_SESSION: i64 = 31 * 24 * 3600;

impl Simulation {
    /// The sessions of a visitor are valid on a replica exactly if they were not ended. A history is
    /// shorter than a session lasts.
    pub(super) fn check_sessions(&self, replica: ReplicaId, who: Who) -> Result<(), Violation> {
        let (app, visitor) = (self.app(replica), self.visitor(who)?);
        let Some(person) = self.model.people.get(who) else { return Ok(()) };
        for session in &person.sessions {
            let Some(is_alive) = session.is_alive.get() else { continue };
            let found = self.learn(app.sessions.authenticate(session.token.hash()))?;
            let is_theirs = found.map(|found| found.visitor.id == visitor.id);
            let expected = is_alive.then_some(true);
            Rule::SessionsEnd.check(is_theirs == expected, || {
                format!("a session that is alive: {is_alive} is found to be theirs: {is_theirs:?}")
            })?;
        }
        Ok(())
    }

    /// No link was mailed that nobody asked for. Fewer may have been: one whose mail could not be sent before the
    /// link expired is given up.
    pub(super) fn check_links_were_mailed(&self) -> Result<(), Violation> {
        for (visitor, person) in self.visitors.iter().zip(&self.model.people) {
            // A mail is delivered at least once.
            let links = self.links_of(&visitor.email);
            let different: BTreeSet<_> =
                links.iter().map(|link| *link.token.hash().as_bytes()).collect();
            let mailed = u64::try_from(different.len()).unwrap_or_default();
            let requests = person.requests;
            Rule::FactsAreMailed.check(mailed <= requests, || {
                format!("{mailed} links were mailed, of {requests} asked for")
            })?;
        }
        Ok(())
    }

    /// When its time is up, no session is valid any more.
    pub(super) fn check_expiry(&mut self, tokens: &[Token]) -> Result<(), Violation> {
        self.pass(MORE_THAN_A_SESSION);
        for who in 0..PEOPLE {
            let known = self.model.people.get(who).map(|person| person.sessions.iter());
            let known = known.into_iter().flatten().map(|session| &session.token);
            for token in known.chain(tokens) {
                let found = self.learn(self.app(who).sessions.authenticate(token.hash()))?;
                let is_over = found.is_none();
                Rule::SessionsEnd.check(is_over, || "a session outlives its time".into())?;
            }
        }
        Ok(())
    }
}
