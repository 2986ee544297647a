# Was über einen angefochtenen Kauf bekannt ist
evidence-title = Nachweise zur Anfechtung { $id }
evidence-inquiry-title = Nachweise zur Rückfrage { $id }
evidence-sale = { $email } hat „{ $title }“ von { $seller } am { $date } gekauft und { $amount } bezahlt.
evidence-payment = Die Zahlung bei Stripe: { $id }
evidence-refunded = Davon wurden { $amount } erstattet.
evidence-delivery = Es handelt sich um digitale Inhalte, die dem Käufer ab dem { $date } offenstanden. Zugang hat nur, wem die E-Mail-Adresse gehört: Jede Anmeldung wird durch einen Link oder Code bestätigt, der an sie gesendet wurde und nur einmal gilt.
evidence-signed-in = Anmeldungen:
evidence-viewed = Aufrufe der Seite:
evidence-downloaded = Heruntergeladene Dateien:
evidence-times = { $count }-mal, von { $first } bis { $last }
evidence-nothing = Es ist kein Aufruf der Seite und kein Download verzeichnet. Der Text erwähnt das nicht.
