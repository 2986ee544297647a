//! Lists of sessions, refunds and disputes.

use serde_json::{Value, json};

use crate::support::{Api, checkout_with};

const SESSIONS: &str = "/v1/checkout/sessions";
const REFUNDS: &str = "/v1/refunds";
const DISPUTES: &str = "/v1/disputes";

fn ids(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap()).collect()
}

impl Api {
    async fn list(&self, account: &str, path: &str) -> Value {
        let list = self.get(Some(account), path).await.ok();
        assert_eq!(list["object"], "list");
        list
    }

    async fn advance(&self, seconds: u32) -> i64 {
        let now = self.control("clock", json!({"advance_seconds": seconds})).await.ok();
        now["now"].as_i64().unwrap()
    }

    async fn refund(&self, account: &str, intent: &str, amount: &str) -> String {
        let form = [("payment_intent", intent), ("amount", amount)];
        let refund = self.post(Some(account), REFUNDS, &form).await.ok();
        refund["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn sessions_are_listed_newest_first_in_pages() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let other = api.enabled_account().await;
    let foreign = api.open_session(&other).await;
    let mut opened = Vec::new();
    for _ in 0..5 {
        opened.insert(0, api.open_session(&account).await);
    }
    let all = api.list(&account, SESSIONS).await;
    assert_eq!(ids(&all), opened);
    assert_eq!((&all["has_more"], &all["url"]), (&json!(false), &json!(SESSIONS)));

    let mut seen = Vec::new();
    let mut path = format!("{SESSIONS}?limit=2");
    loop {
        let page = api.list(&account, &path).await;
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        assert_eq!(page["has_more"], seen.len() < 5);
        if page["has_more"] == false {
            break;
        }
        path = format!("{SESSIONS}?limit=2&starting_after={}", seen.last().unwrap());
    }
    assert_eq!(seen, opened);
    let before = api.list(&account, &format!("{SESSIONS}?limit=2&ending_before={}", seen[4])).await;
    assert_eq!((ids(&before), &before["has_more"]), (vec![&*seen[2], &*seen[3]], &json!(true)));

    let path = format!("{SESSIONS}?starting_after={foreign}");
    api.get(Some(&account), &path).await.refused(404, "resource_missing");
    for query in ["limit=0", "limit=101", "starting_after=a&ending_before=b", "colour=red"] {
        let refused = api.get(Some(&account), &format!("{SESSIONS}?{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
    }
    assert_eq!(api.get(None, SESSIONS).await.ok()["data"], json!([]));
}

#[tokio::test]
async fn lists_are_filtered_by_the_time_of_creation() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let (old, _) = api.paid(&account).await;
    api.refund(&account, &old, "100").await;
    api.control(&format!("payment_intents/{old}/dispute"), json!({})).await.ok();
    let later = api.advance(3_600).await;
    let (new, _) = api.paid(&account).await;
    api.refund(&account, &new, "100").await;
    api.control(&format!("payment_intents/{new}/dispute"), json!({})).await.ok();
    for path in [SESSIONS, REFUNDS, DISPUTES] {
        let all = api.list(&account, path).await;
        let (newest, oldest) = (ids(&all)[0], ids(&all)[1]);
        let listed = api.list(&account, &format!("{path}?created[gte]={later}")).await;
        assert_eq!(ids(&listed), [newest], "{path}");
        let listed = api.list(&account, &format!("{path}?created[lt]={later}")).await;
        assert_eq!(ids(&listed), [oldest], "{path}");
        // The cursor may lie outside of the interval.
        let cursor = format!("{path}?created[lt]={later}&starting_after={newest}");
        assert_eq!(ids(&api.list(&account, &cursor).await), [oldest], "{path}");
        let between = format!("{path}?created[gt]={}&created[lte]={}", later - 3_500, later - 1);
        assert_eq!(api.list(&account, &between).await["data"], json!([]), "{path}");
    }
}

#[tokio::test]
async fn refunds_and_disputes_are_listed_of_a_payment() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let (first, first_charge) = api.paid(&account).await;
    let (second, _) = api.paid(&account).await;
    let one = api.refund(&account, &first, "100").await;
    let other = api.refund(&account, &second, "100").await;
    let two = api.refund(&account, &first, "200").await;
    assert_eq!(ids(&api.list(&account, REFUNDS).await), [&*two, &*other, &*one]);
    for filter in [format!("payment_intent={first}"), format!("charge={first_charge}")] {
        let list = api.list(&account, &format!("{REFUNDS}?{filter}")).await;
        assert_eq!(ids(&list), [&*two, &*one]);
        let list = api.list(&account, &format!("{DISPUTES}?{filter}")).await;
        assert_eq!(list["data"], json!([]));
    }
    let control = format!("payment_intents/{first}/dispute");
    let dispute = api.control(&control, json!({})).await.ok();
    let path = format!("{DISPUTES}?payment_intent={first}&expand[]=data.charge");
    let listed = api.list(&account, &path).await;
    assert_eq!(listed["data"][0]["id"], dispute["id"]);
    assert_eq!(listed["data"][0]["charge"]["id"], json!(first_charge));
    for path in [REFUNDS, DISPUTES] {
        let unknown = api.get(Some(&account), &format!("{path}?payment_intent=pi_none")).await;
        unknown.refused(404, "resource_missing");
        let other = api.enabled_account().await;
        assert_eq!(api.list(&other, path).await["data"], json!([]));
    }
}

#[tokio::test]
async fn sessions_are_filtered_by_status_payment_and_buyer() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let open = api.open_session(&account).await;
    let form = checkout_with("customer_email", "carol@example.com");
    let carols = api.post(Some(&account), SESSIONS, &form).await.ok()["id"].clone();
    let (intent, _) = api.paid(&account).await;
    let listed = |query: String| {
        let (api, account) = (&api, &account);
        async move { api.list(account, &format!("{SESSIONS}?{query}")).await }
    };
    let paid = listed(format!("payment_intent={intent}")).await;
    assert_eq!(paid["data"][0]["payment_intent"], json!(intent));
    assert_eq!(ids(&paid).len(), 1);
    assert_eq!(ids(&listed("status=open".into()).await), [carols.as_str().unwrap(), &*open]);
    assert_eq!(ids(&listed("status=complete".into()).await), ids(&paid));
    let hers = listed("customer_details[email]=carol@example.com".into()).await;
    assert_eq!(ids(&hers), [carols.as_str().unwrap()]);

    let expanded = listed("expand[]=data.payment_intent".into()).await;
    assert_eq!(expanded["data"][0]["payment_intent"]["status"], "succeeded");
    for query in ["expand[]=payment_intent", "expand[]=data.customer", "status=paid"] {
        let refused = api.get(Some(&account), &format!("{SESSIONS}?{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
    }
}
