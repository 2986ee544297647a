# The list
console-group-buys-empty = Bei einem Gruppenkauf sagen Interessierte, dass sie eine Seite zu einem niedrigeren Preis wollen. Wenn es genug sind, aktivieren Sie den Gruppenkauf, und sie alle können kaufen. Vorher bezahlt niemand.
console-group-buys-new = Neuer Gruppenkauf
console-group-buys-title = Gruppenkauf
console-group-buys-progress = Fortschritt
console-group-buys-status = Status
console-group-buys-time = Verbleibende Zeit
console-group-buys-no-time = Kein Ende festgelegt
console-group-buys-ended-on = Beendet am
console-group-buys-closed-on = Geschlossen seit
console-group-buys-status-open = Sammelt Interesse
console-group-buys-status-reached = Ziel erreicht
console-group-buys-status-active = Angebot aktiviert
console-group-buys-status-over = Angebot beendet
console-group-buys-status-missed = Ziel nicht erreicht
console-group-buys-status-cancelled = Abgesagt
console-group-buys-wanted-of = Gewünschte Menge: { $count }, Ziel: { $target }
console-group-buys-paid-of = Bezahlte Menge: { $count }, Ziel: { $target }
console-group-buys-days = { $count ->
    [one] noch ein Tag
   *[other] noch { $count } Tage
}
console-group-buys-hours = { $count ->
    [one] noch eine Stunde
   *[other] noch { $count } Stunden
}
console-group-buys-minutes = { $count ->
    [one] noch eine Minute
   *[other] noch { $count } Minuten
}

# The form
console-group-buys-field-title = Titel
console-group-buys-field-page = Seite
console-group-buys-field-price = Gruppenpreis
console-group-buys-field-target = Ziel
console-group-buys-field-most = Höchstzahl (optional)
console-group-buys-field-deadline = Frist (optional)
console-group-buys-field-days = Tage des Angebots
console-group-buys-field-description = Beschreibung (optional)
console-group-buys-field-slug = Name in der Adresse (optional)
console-group-buys-no-pages = Ein Gruppenkauf bietet eine Seite an, die etwas kostet. Geben Sie zuerst einer Seite einen Preis.
console-group-buys-to-pages = Zu Ihren Seiten
console-group-buys-frozen = Das Angebot ist aktiviert, deshalb bleiben Preis und Bedingungen, wie sie sind. Die Texte können Sie ändern.
console-group-buys-title-hint = Besucher sehen ihn in Ihrem Shop und in Mails.
console-group-buys-page-hint = Ihre Seiten, die einen Preis haben.
console-group-buys-choose = Seite wählen
console-group-buys-price-hint = Was jede Person bezahlt, in der Währung der Seite und höchstens ihr Preis. Zum Beispiel 9,50.
console-group-buys-price-hint-in = Was jede Person bezahlt, in { $currency } und höchstens der Preis der Seite.
console-group-buys-target-hint = Wie viele gewünscht sein müssen, bevor Sie den Gruppenkauf aktivieren können. Eine Person kann mehrere wünschen.
console-group-buys-most-hint = Mehr können nicht mitmachen.
console-group-buys-deadline-hint = Tag und Uhrzeit in UTC. Danach kann niemand mehr mitmachen; ist das Ziel nicht erreicht, endet der Gruppenkauf.
console-group-buys-deadline-here = In Ihrer Zeitzone:
console-group-buys-days-hint = Wie lange bezahlt werden kann, nachdem Sie den Gruppenkauf aktiviert haben: 1 bis 30 Tage.
console-group-buys-description-hint = Einfacher Text, den alle sehen.
console-group-buys-slug-hint = Bleibt das Feld leer, entsteht er aus dem Titel. Kleinbuchstaben, Ziffern und Bindestriche.
console-group-buys-create = Gruppenkauf anlegen
console-group-buys-error-page = Bitte wählen Sie eine Seite.
console-group-buys-error-number = Bitte geben Sie eine ganze Zahl ein, zum Beispiel 10.
console-group-buys-error-time = Bitte geben Sie Tag und Uhrzeit ein, zum Beispiel 2030-01-31T12:00.
console-group-buys-error-not-open = Der Gruppenkauf wurde inzwischen aktiviert oder beendet, deshalb lässt sich das nicht mehr ändern.
console-group-buys-notice-made = { $what } ist offen. Geben Sie die Adresse weiter.
console-group-buys-edit-heading = „{ $title }“ ändern

# A group buy
console-group-buys-activate = Aktivieren …
console-group-buys-edit = Ändern
console-group-buys-paid = Bezahlt
console-group-buys-ends = Angebot endet
console-group-buys-deadline = Frist
console-group-buys-page = Seite
console-group-buys-price = Gruppenpreis
console-group-buys-instead-of = { $price } statt { $regular }
console-group-buys-target = Ziel
console-group-buys-target-and-most = { $target }, höchstens { $most }
console-group-buys-offer = Dauer des Angebots
console-group-buys-offer-days = { $count ->
    [one] ein Tag
   *[other] { $count } Tage
}
console-group-buys-address = Adresse zum Weitergeben
console-group-buys-paid-by = { $count ->
    [0] Noch hat niemand bezahlt
    [one] Eine Person, zusammen { $amount }
   *[other] { $count } Personen, zusammen { $amount }
}
console-group-buys-interests = Interessierte
console-group-buys-nobody = Noch macht niemand mit. Geben Sie die Adresse oben weiter.
console-group-buys-nobody-joined = Niemand hat mitgemacht.
console-group-buys-person = Person
console-group-buys-quantity = Menge
console-group-buys-since = Seit
console-group-buys-has-paid = Bezahlt
console-group-buys-has-not-paid = Nicht bezahlt
console-group-buys-next-open = { $count ->
    [one] Es fehlt noch einer, bevor Sie den Gruppenkauf aktivieren können.
   *[other] Es fehlen noch { $count }, bevor Sie den Gruppenkauf aktivieren können.
}
console-group-buys-next-reached = Es gibt genug Interessierte. Aktivieren Sie den Gruppenkauf, dann können sie kaufen; oder warten Sie auf weitere.
console-group-buys-next-full = Mehr können nicht mitmachen. Aktivieren Sie den Gruppenkauf, dann können alle kaufen, die dabei sind.
console-group-buys-next-late = Es gibt genug Interessierte, und niemand kann mehr mitmachen. Aktivieren Sie den Gruppenkauf, oder sagen Sie ihn ab.
console-group-buys-next-active = Alle, die mitmachen, können jetzt bezahlen und haben eine Mail bekommen. Sie müssen nichts tun.
console-group-buys-next-closed = Die Seite ist nicht veröffentlicht, deshalb kann das niemand sehen oder bezahlen. Veröffentlichen Sie die Seite wieder, oder sagen Sie den Gruppenkauf ab.
console-group-buys-next-closed-offer = Die Seite ist nicht veröffentlicht, deshalb kann das niemand sehen oder bezahlen. Veröffentlichen Sie die Seite wieder, bevor das Angebot endet.
console-group-buys-next-unpaid = Die Seite steht nicht mehr zum Verkauf, deshalb könnte niemand bezahlen. Bieten Sie sie wieder zum Verkauf an, oder sagen Sie den Gruppenkauf ab.
console-group-buys-next-unpaid-offer = Die Seite steht nicht mehr zum Verkauf, deshalb kann niemand bezahlen. Bieten Sie sie wieder zum Verkauf an, bevor das Angebot endet.
console-group-buys-next-dearer = Die Seite allein kostet { $regular }, also weniger als der Gruppenpreis, deshalb können Sie den Gruppenkauf nicht aktivieren. Senken Sie den Gruppenpreis, oder sagen Sie den Gruppenkauf ab.
console-group-buys-next-needless = Die Seite allein kostet { $regular }, also nicht mehr als der Gruppenpreis, deshalb braucht niemand den Gruppenkauf. Senken Sie den Gruppenpreis, oder sagen Sie den Gruppenkauf ab.
console-group-buys-next-needless-offer = Die Seite allein kostet { $regular }, also nicht mehr als der Gruppenpreis, deshalb braucht niemand mehr dieses Angebot.
console-group-buys-next-other-currency = Die Seite allein kostet jetzt { $regular }, also in einer anderen Währung als der Gruppenpreis, deshalb können Sie den Gruppenkauf nicht aktivieren. Geben Sie den Preis der Seite wieder in der Währung des Gruppenpreises an, oder sagen Sie den Gruppenkauf ab.
console-group-buys-next-unpayable = Alle, die mitmachen, haben eine Mail bekommen, aber niemand kann bezahlen: Sie können keine Zahlungen annehmen. Richten Sie Stripe unter „Einnahmen“ ein, bevor das Angebot endet.
console-group-buys-next-over = Das Angebot ist vorbei. Wer bezahlt hat, behält die Seite.
console-group-buys-next-missed = { $count ->
    [0] Die Frist ist abgelaufen. Niemand macht mit, und niemand hat bezahlt.
   *[other] Bis zum Ende der Frist gab es zu wenige Interessierte. Alle, die mitgemacht haben, haben eine Mail bekommen, außer wenn sie Ihre Mails abbestellt haben; niemand hat bezahlt.
}
console-group-buys-next-cancelled = { $count ->
    [0] Sie haben den Gruppenkauf abgesagt. Niemand macht mit, und niemand hat bezahlt.
   *[other] Sie haben den Gruppenkauf abgesagt. Alle, die mitgemacht haben, haben eine Mail bekommen, außer wenn sie Ihre Mails abbestellt haben; niemand hat bezahlt.
}

# Its steps
console-group-buys-activate-heading = „{ $title }“ aktivieren?
console-group-buys-activate-text = Das geht einmal und lässt sich nicht zurücknehmen. Das geschieht dabei:
console-group-buys-activate-mails = { $count ->
    [0] Niemand bekommt eine Mail, denn niemand macht mit.
    [one] Eine Person bekommt eine Mail, mit der sie bezahlen kann.
   *[other] { $count } Personen bekommen eine Mail, mit der sie bezahlen können.
}
console-group-buys-activate-price = Jede Person bezahlt einmal { $price }.
console-group-buys-activate-freezes = Preis und Liste stehen fest: Niemand kann mehr mitmachen oder aussteigen.
console-group-buys-activate-ends = Das Angebot endet am
console-group-buys-activate-lapse = Wer bis dahin nicht bezahlt hat, bekommt die Seite nicht zu diesem Preis.
console-group-buys-activate-stripe = Sie können noch keine Zahlungen annehmen, also könnte niemand bezahlen. Richten Sie zuerst Stripe ein:
console-group-buys-activate-button = { $count ->
    [0] Aktivieren
    [one] Aktivieren und eine Mail senden
   *[other] Aktivieren und { $count } Mails senden
}
console-group-buys-activate-obstructed = Unten steht, was im Weg ist.
console-group-buys-obstacle-target = { $count ->
    [one] Sie können den Gruppenkauf noch nicht aktivieren: Es fehlt noch einer.
   *[other] Sie können den Gruppenkauf noch nicht aktivieren: Es fehlen noch { $count }.
}
console-group-buys-obstacle-unpriced = Sie können den Gruppenkauf nicht aktivieren: Seine Seite hat keinen Preis mehr. Legen Sie wieder einen Preis fest:
console-group-buys-obstacle-unpublished = Sie können den Gruppenkauf noch nicht aktivieren. Veröffentlichen Sie zuerst seine Seite:
console-group-buys-obstacle-dearer = Sie können den Gruppenkauf nicht aktivieren: Der Gruppenpreis ist höher als der Preis seiner Seite oder in einer anderen Währung. Ändern Sie den Gruppenpreis:
console-group-buys-notice-activated = Das Angebot ist aktiviert. Die Mails sind unterwegs.
console-group-buys-cancel-heading = „{ $title }“ absagen?
console-group-buys-cancel-mails = { $count ->
    [0] Niemand macht mit, also bekommt niemand eine Mail.
    [one] Eine Person, die mitmacht, bekommt eine Mail, außer wenn sie Ihre Mails abbestellt hat.
   *[other] { $count } Personen, die mitmachen, bekommen eine Mail, außer wenn sie Ihre Mails abbestellt haben.
}
console-group-buys-cancel-effect = Niemand bezahlt etwas. Der Gruppenkauf lässt sich nicht wieder öffnen.
console-group-buys-cancel-button = Absagen
console-group-buys-notice-cancelled = Der Gruppenkauf ist abgesagt.
console-group-buys-notice-refused-begun = Das Angebot ist aktiviert und lässt sich deshalb nicht mehr absagen.
