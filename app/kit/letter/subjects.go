package letter

import "regexp"

// What programs write above and in their mails, in the languages they write it. The patterns are anchored where a person
// might write the same words further on.
var (
	replySubject = regexp.MustCompile(`(?i)^\s*(re|aw|sv|antw|odp|ynt|r|res|vs|回复|回覆|答复|回信|отв|ha|Απ)\s*(\[\d+\])?\s*[:：]`)

	awaySubject = regexp.MustCompile(`(?i)^\W*(re\s*:\s*)?(` +
		`auto(matic|matisch|matische|matisk|matique|maattinen|mated)?[- ]?(reply|response|respons|responder|antwort|svar|antwoord|vastaus|notification of absence)|` +
		`automatische (antwort|abwesenheits\S*|beantwoording)|automatisch antwoord|réponse (automatique|auto)|respuesta autom[aá]tica|resposta autom[aá]tica|` +
		`risposta automatica|autosvar|autoreply|autom\. svar|automaattinen|automatyczna odpowied[zź]|odpowied[zź] automatyczna|автоматический ответ|автоответ|` +
		`автоматична відповідь|automatická odpov[eě]ď|automatikus válasz|otomatik (yanıt|cevap)|răspuns automat|αυτόματη απάντηση|自动回复|自動回覆|自動返信|自動応答|자동 ?응답|자동 ?회신|` +
		`out of (the )?office|ooo\b|away (from|until)|on (vacation|holiday|leave)|vacation|i('m| am) (out|away)|currently (out|away)|` +
		`abwesenheit|ich bin (nicht|abwesend)|abwesend|(nicht|außer) (im )?(büro|haus)|absence (du bureau)?|absent du bureau|je suis absent|fuera de (la )?oficina|ausente|` +
		`fuori (sede|ufficio)|assenza|fora d[oa] escrit[óo]rio|afwezig|niet aanwezig|fraværende|fravær|frånvaro|ej på kontoret|poissa|nieobecno[sś][cć]|вне офиса|отсутств|` +
		`mimo kancelář|nincs az irodában|ofis dışında|不在|外出|休假|부재)`)

	failedSubject = regexp.MustCompile(`(?i)^\W*(` +
		`undeliver(able|ed)|mail (delivery|could not)|delivery (status|failure|failed|has failed|error|report|notification|problem|delay)|returned (mail|e-?mail|to sender|message)|` +
		`(e-?)?mail (delivery )?(failed|failure|error|not delivered|undeliverable|rejected|returned)|failure notice|failed (mail|delivery|message)|` +
		`message (delivery|not delivered|you sent|undeliverable|delayed|status)|(warning: )?(message|could not send|mail|email).{0,40}(delayed|undeliver\w+|not delivered|blocked|rejected|still in queue)|` +
		`non[- ]?deliver|nondeliverable|not delivered|could not (be )?deliver|unable to deliver|can ?not deliver|permanent (delivery|failure)|transient|` +
		`rejected( mail)?:|bounce|(e-?)?mail bounce|user unknown|unknown (user|address)|address (unknown|not found)|no such user|mailbox (full|unavailable)|warning - delivery|` +
		`notification of (undelivered|delivery)|notice: mail delivery|(ndn|dsn)\s*:|postmaster notify|delayed mail|system error|` +
		`unzustellbar|nicht zustellbar|unzustellbare|zustellung|rückläufer|fehlgeschlagen|échec|non remis|non distribu|message non|avis de non|courrier non|` +
		`no (se )?(ha )?(podido )?entreg|devuelto|correo devuelto|mensaje (no|devuelto)|error de entrega|falha|não entreg|mensagem (não|devolvida)|` +
		`mancat[ao]|impossibile|non recapit|onbestelbaar|niet (bezorgd|afgeleverd)|kan ikke leveres|ikke leveret|uleverbar|kan inte levereras|olevererbar|` +
		`не доставлен|недоставлен|сообщение не|ошибка доставки|nie ?dostarczon|niedor[eę]cz|nedoru[cč]iteln|kézbesíthetetlen|iletilemedi|teslim edilemedi|` +
		`退信|系统退信|無法傳遞|无法送达|未送达|配信不能|配信エラー|エラーメール|送信エラー|メール.{0,6}エラー|エラー通知|返送|반송)`)

	failedText = regexp.MustCompile(`(?i)(` +
		`(could|can|was|were|has|have|is|did)(\s?n['o]t| not|not)( yet)?( be| been)? (deliver|reach|sent|accepted|processed|relayed)|undeliver(able|ed)|delivery (has )?(failed|failure|failed permanently|to the following)|` +
		`permanent(ly)? (error|failure|fatal|failed)|fatal error|unable to (deliver|relay|send|accept)|not able to deliver|wasn't able to deliver|returned to (you|sender|the sender)|` +
		`failed to deliver|mail delivery (failed|system)|recipient('s)? (address )?(rejected|unknown|mailbox|not)|user( is)? unknown|unknown (user|recipient|address)|no such (user|recipient|mailbox|address)|` +
		`mailbox (is )?(full|unavailable|not found|disabled|over)|does(n't| not) (exist|have an account)|over quota|address (is )?(unknown|invalid|rejected|not found)|` +
		`(550|551|552|553|554|450|451|452|421)[ -](#?[45]\.\d\.\d|\S+)|\(#[45]\.\d\.\d\)|host (or domain )?(name )?(not found|unknown)|` +
		`message (was|has been|could not be) (rejected|blocked|delayed|discarded|refused)|did not reach|not been delivered|transcript of session|reject reason|` +
		`nicht zugestellt|nicht ausgeliefert|n'a pas (pu|été)|no (se )?(pudo|ha podido|pudieron) (ser )?entreg|não (pôde|foi possível|foi) (ser )?entreg|non è stato possibile|kon niet worden|` +
		`не (может быть |было |удалось )?доставл|nie (mo[żz]na|zosta[łl]a) dostarcz|配信できません|配送できません|送信できません|届けることが|エラーメール|無法傳遞|无法送达)`)
)
