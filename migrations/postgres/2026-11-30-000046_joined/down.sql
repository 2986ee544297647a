DROP INDEX group_buy_interests_of;
