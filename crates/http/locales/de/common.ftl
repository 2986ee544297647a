size-bytes = { $count ->
    [one] 1 Byte
   *[other] { $count } Byte
}

# Wo eine Sitzung begann.
device-browser = Ein Browser
device-on-system = { $browser } unter { $platform }
device-on-apple = { $browser } auf { $platform }

# Fehler, wie Seiten sie zeigen.
problem-start = Zurück zur Startseite
problem-back = Zurück zur Seite
problem-again = Noch einmal versuchen
problem-request = Anfrage { $id }
problem-page = Diese Seite gibt es nicht, oder sie ist nicht veröffentlicht
problem-page-text = Vielleicht ist die Adresse falsch geschrieben, oder die Seite wurde entfernt. Was Sie gekauft haben, bleibt unter „Mein Zugang“.
problem-handle = Diesen Shop gibt es nicht
problem-handle-text = Vielleicht ist die Adresse falsch geschrieben. Prüfen Sie den Namen vor dem ersten Punkt.
problem-file = Diese Datei gibt es nicht
problem-file-text = Vielleicht ist die Adresse falsch geschrieben, oder die Datei wurde entfernt.
problem-group-buy = Diesen Gruppenkauf gibt es nicht
problem-group-buy-text = Vielleicht ist die Adresse falsch geschrieben, oder der Gruppenkauf wurde entfernt.
problem-nothing = Hier ist nichts
problem-nothing-text = Vielleicht ist die Adresse falsch geschrieben, oder was hier war, ist nicht mehr da.
problem-method = Diese Adresse lässt sich so nicht verwenden
problem-method-text = Öffnen Sie die Seite erneut und verwenden Sie ihre Knöpfe.
problem-site = Die Anfrage kommt von einer anderen Website
problem-site-text = Bitte öffnen Sie die Seite hier und verwenden Sie ihr eigenes Formular.
problem-limited = Zu viele Anfragen
problem-limited-text = Das war etwas viel auf einmal. Warten Sie einen Moment, und versuchen Sie es dann noch einmal.
problem-limited-wait = Das war etwas viel auf einmal. Warten Sie { $wait }, und versuchen Sie es dann noch einmal.
problem-busy = Vorübergehend nicht erreichbar
problem-busy-text = Wir können gerade nicht antworten. Bitte versuchen Sie es gleich noch einmal.
problem-payment = Die Bezahlseite konnte nicht geöffnet werden
problem-payment-text = Ihnen wurde nichts berechnet. Bitte versuchen Sie es gleich noch einmal.
problem-sale = Zurzeit nicht im Verkauf
problem-sale-text = Der Verkäufer kann zurzeit keine Zahlungen annehmen, deshalb lässt sich das nicht kaufen.
problem-large = Das war zu viel
problem-large-text = Was Sie gesendet haben, ist größer, als dieses Formular annimmt. Gehen Sie zurück und kürzen Sie Ihre Eingaben.
problem-large-limit = Was Sie gesendet haben, ist größer als { $size }, und mehr nimmt dieses Formular nicht an. Gehen Sie zurück und kürzen Sie Ihre Eingaben.
problem-fault = Etwas ist schiefgegangen
problem-fault-text = Der Fehler liegt bei uns und wurde festgehalten. Bitte versuchen Sie es später noch einmal.
problem-input = Die Anfrage ist unverständlich
problem-input-text = Etwas in der Adresse oder im Formular ist ungültig. Gehen Sie zurück und versuchen Sie es noch einmal.
problem-other = Das hat nicht geklappt
problem-other-text = Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.

# Beschriftungen in Texten, die Creators schreiben.
markdown-table = Tabelle { $number }
markdown-code = Code { $number }
markdown-back = Zurück zum Text, Fußnote
