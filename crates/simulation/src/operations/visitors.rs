//! Signing in and out, and opening pages.

use tollgate_domain::{
    access::{AccessError, Reason, ResourceType, ViewerClaim},
    store_error::StoreError,
    token::{Code, Token},
    visitor_auth::{Browser, LinkRequest, RedeemLinkError, RequestLinkError, SignedIn},
};

use crate::{
    history::{PageNo, Who},
    machine::ReplicaId,
    model::{Attempt, Known, PersonModel, SessionModel},
    operations::{choose, note, nothing},
    simulation::{CLIENT, MailedLink, Simulation},
    violation::{Rule, Violation},
};

/// How often a wrong code is tried in one step.
const WRONG_TRIES: u32 = 5;
/// After how many evaluations a code is no longer accepted.
const CODE_ATTEMPTS: u32 = 5;
/// How long a link is accepted at most, in seconds: its lifetime, and what operations may take and clocks
/// may be off.
const MAX_LINK_SECONDS: i64 = 900 + 200;

/// A redemption that is under way.
struct Redemption {
    who: Who,
    link: [u8; 32],
    was_spent: bool,
    is_too_old: bool,
    /// The links that it spends.
    spends: Vec<[u8; 32]>,
    /// What becomes of the session that the browser has.
    cookie: Option<(usize, Attempt<bool>)>,
}

fn key(token: &Token) -> [u8; 32] {
    *token.hash().as_bytes()
}

impl Simulation {
    fn person(&mut self, who: Who) -> Result<&mut PersonModel, Violation> {
        let person = self.model.people.get_mut(who);
        person.ok_or_else(|| Rule::UndisturbedSucceeds.broken("no such person"))
    }

    /// The token in a visitor's cookie.
    pub(super) fn cookie(&self, who: Who) -> Option<Token> {
        let person = self.model.people.get(who)?;
        Some(person.sessions.get(person.cookie?)?.token.clone())
    }

    pub(super) fn request_link(&mut self, replica: ReplicaId, who: Who) -> Result<(), Violation> {
        let (app, email) = (self.app(replica), self.visitor(who)?.email);
        let person = self.person(who)?;
        person.requests += 1;
        self.begin(replica, async move {
            let request = LinkRequest {
                email,
                return_to: None,
                handle: None,
                client: CLIENT,
                browser: None,
                language: None,
            };
            let result = app.sign_in.request_link(request).await;
            note(move |simulation, is_undisturbed| match result {
                Ok(()) => {
                    simulation.person(who)?.accepted_requests += 1;
                    Ok(())
                }
                Err(RequestLinkError::Limited { .. }) => Ok(()),
                Err(error) => Rule::UndisturbedSucceeds
                    .check(!is_undisturbed, || format!("asking for a link: {error}")),
            })
        });
        Ok(())
    }

    /// Notes that the browser of a visitor is about to redeem a link.
    fn redemption(
        &mut self,
        who: Who,
        link: &MailedLink,
        again: bool,
    ) -> Result<Redemption, Violation> {
        let mailed = self.links_of(&self.visitor(who)?.email);
        // A redemption that is answered again has spent only the links of its time.
        let is_spent = |mailed: &&MailedLink| !again || key(&mailed.token) == key(&link.token);
        let spent = mailed.iter().filter(is_spent);
        let spends = spent.map(|mailed| key(&mailed.token)).collect();
        let age = self.now().duration_since(link.queued_at).as_secs();
        let person = self.person(who)?;
        let was_spent = person.links.get(&key(&link.token)).is_some_and(|link| link.is_spent);
        let cookie = person
            .cookie
            .and_then(|number| Some((number, person.sessions.get_mut(number)?.is_alive.begin())));
        Ok(Redemption {
            who,
            link: key(&link.token),
            was_spent,
            is_too_old: age > MAX_LINK_SECONDS,
            spends,
            cookie,
        })
    }

    pub(super) fn redeem(
        &mut self,
        replica: ReplicaId,
        who: Who,
        nth: u8,
        again: bool,
    ) -> Result<(), Violation> {
        let mailed = self.links_of(&self.visitor(who)?.email);
        let Some(back) = choose(nth, mailed.len()) else { return Ok(()) };
        let Some(link) = mailed.iter().rev().nth(back) else { return Ok(()) };
        let token = link.token.clone();
        let fresh = Token::new(&*self.random);
        let redemption = self.redemption(who, link, again)?;
        let model = self.person(who)?.links.entry(key(&token)).or_default();
        let nonce = again.then(|| model.nonce.get_or_insert(fresh).clone());
        let browser = Browser {
            nonce,
            sessions: self.cookie(who).map(|token| token.hash()).into_iter().collect(),
            ..Browser::default()
        };
        let app = self.app(replica);
        self.begin(replica, async move {
            let result = app.sign_in.redeem_token(&token, &browser).await;
            note(move |simulation, is_undisturbed| {
                simulation.redeemed(redemption, result, is_undisturbed)
            })
        });
        Ok(())
    }

    pub(super) fn enter_code(
        &mut self,
        replica: ReplicaId,
        who: Who,
        is_right: bool,
    ) -> Result<(), Violation> {
        let email = self.visitor(who)?.email;
        let Some(newest) = self.links_of(&email).pop() else { return Ok(()) };
        let app = self.app(replica);
        let sessions = self.cookie(who).map(|token| token.hash()).into_iter().collect();
        let browser = Browser { sessions, ..Browser::default() };
        let link = key(&newest.token);
        if is_right {
            let wrong = self.person(who)?.links.entry(link).or_default().wrong_codes;
            let redemption = self.redemption(who, &newest, false)?;
            self.begin(replica, async move {
                let result = app.sign_in.redeem_code(&email, &newest.code, &browser, CLIENT).await;
                note(move |simulation, is_undisturbed| {
                    let is_counted = wrong < CODE_ATTEMPTS || result.is_err();
                    Rule::CodesAreCounted
                        .check(is_counted, || format!("accepted after {wrong} wrong codes"))?;
                    simulation.redeemed(redemption, result, is_undisturbed)
                })
            });
            return Ok(());
        }
        let other = if newest.code.reveal() == "314159" { "271828" } else { "314159" };
        let Ok(code) = other.parse::<Code>() else { return Ok(()) };
        self.begin(replica, async move {
            let mut refused = 0;
            for _ in 0..WRONG_TRIES {
                let result = app.sign_in.redeem_code(&email, &code, &browser, CLIENT).await;
                refused += u32::from(matches!(result, Err(RedeemLinkError::Invalid)));
            }
            note(move |simulation, _| {
                simulation.person(who)?.links.entry(link).or_default().wrong_codes += refused;
                Ok(())
            })
        });
        Ok(())
    }

    fn redeemed(
        &mut self,
        redemption: Redemption,
        result: Result<SignedIn, RedeemLinkError>,
        is_undisturbed: bool,
    ) -> Result<(), Violation> {
        let Redemption { who, link, was_spent, is_too_old, spends, cookie } = redemption;
        let email = self.visitor(who)?.email;
        let person = self.person(who)?;
        let signed_in = match result {
            Ok(signed_in) => signed_in,
            Err(RedeemLinkError::Store(error)) => {
                return Rule::UndisturbedSucceeds
                    .check(!is_undisturbed, || format!("redeeming a link: {error}"));
            }
            Err(
                RedeemLinkError::Invalid
                | RedeemLinkError::Expired
                | RedeemLinkError::Used
                | RedeemLinkError::Limited { .. },
            ) => {
                if let Some((number, attempt)) = cookie
                    && let Some(session) = person.sessions.get_mut(number)
                {
                    session.is_alive.end_unchanged(attempt);
                }
                return Ok(());
            }
        };
        let is_theirs = signed_in.visitor.email == email;
        Rule::OneSessionPerLink.check(is_theirs, || "a link signs somebody else in".into())?;
        let session = key(&signed_in.token);
        let model = person.links.entry(link).or_default();
        let is_new = model.sessions.insert(session);
        let holds = model.sessions.len() == 1 && !(is_new && (was_spent || is_too_old));
        Rule::OneSessionPerLink.check(holds, || {
            let count = model.sessions.len();
            format!("{count} sessions, spent before: {was_spent}, too old: {is_too_old}")
        })?;
        for spent in spends {
            person.links.entry(spent).or_default().is_spent = true;
        }
        if let Some((number, attempt)) = cookie
            && let Some(before) = person.sessions.get_mut(number)
        {
            if key(&before.token) == session {
                before.is_alive.end_unchanged(attempt);
            } else {
                before.is_alive.end(attempt, false);
            }
        }
        let known = person.sessions.iter().position(|it| key(&it.token) == session);
        person.cookie = Some(known.unwrap_or(person.sessions.len()));
        if known.is_none() {
            let is_alive = Known::new(true);
            person.sessions.push(SessionModel { token: signed_in.token, is_alive });
        }
        Ok(())
    }

    pub(super) fn sign_out(&mut self, replica: ReplicaId, who: Who) -> Result<(), Violation> {
        let app = self.app(replica);
        let person = self.person(who)?;
        let Some(number) = person.cookie else { return Ok(()) };
        let Some(session) = person.sessions.get_mut(number) else { return Ok(()) };
        let (attempt, token) = (session.is_alive.begin(), session.token.hash());
        self.begin(replica, async move {
            let result: Result<(), StoreError> = app.sessions.sign_out(&[token]).await;
            note(move |simulation, is_undisturbed| {
                let person = simulation.person(who)?;
                match result {
                    Ok(()) => {
                        if let Some(session) = person.sessions.get_mut(number) {
                            session.is_alive.end(attempt, false);
                        }
                        person.cookie = person.cookie.filter(|cookie| *cookie != number);
                        Ok(())
                    }
                    Err(error) => Rule::UndisturbedSucceeds
                        .check(!is_undisturbed, || format!("signing out: {error}")),
                }
            })
        });
        Ok(())
    }

    pub(super) fn look(
        &mut self,
        replica: ReplicaId,
        who: Who,
        page: PageNo,
    ) -> Result<(), Violation> {
        let (app, (shop, facts)) = (self.app(replica), self.place(page)?);
        let session = self.cookie(who).map(|token| token.hash());
        self.begin(replica, async move {
            let claim = ViewerClaim { session, ..ViewerClaim::default() };
            let result =
                app.gate.check(ResourceType::Page, shop.handle.name, facts.slug, claim).await;
            match result {
                Ok(reason) => note(move |simulation, _| simulation.looked(who, page, reason)),
                Err(AccessError::NotFound(_)) => nothing(),
                Err(AccessError::Store(error)) => note(move |_, is_undisturbed| {
                    Rule::UndisturbedSucceeds
                        .check(!is_undisturbed, || format!("opening a page: {error}"))
                }),
            }
        });
        Ok(())
    }

    /// A paid page was open only if the visitor has ever paid or been given it, or it was free for a while.
    fn looked(&mut self, who: Who, page: PageNo, reason: Reason) -> Result<(), Violation> {
        if reason != Reason::Entitled || self.model.was_free.contains(&page) {
            return Ok(());
        }
        let was_given = self.model.gifts.contains_key(&(who, page));
        let sessions = self.sessions_for(who, page)?;
        let has_paid = sessions.iter().any(|it| it.state.payment_intent.is_some());
        Rule::AccessEqualsPayments
            .check(was_given || has_paid, || "a page is open to somebody who never paid".into())
    }
}
