package cli

import (
	"crypto/rand"
	"time"

	"recado/app/desk"
	"recado/app/server/messaging"
)

// sampleItem is a ticket or task, with what was written about it: to customers, and within the team.
type sampleItem struct {
	ago         time.Duration
	kind        desk.ItemKind
	title, text string
	state       desk.ItemState
	assignee    string
	due         time.Duration // from now; 0: at no time
	project     string
	tags        []string
	followers   []string // the first made it
	outside     []sampleLine
	team        []sampleLine
}

// item makes one as if it had been worked on in the last days.
func (w *sampler) item(x sampleItem) error {
	ctx := w.cmd.Context()
	w.clock = time.Now().Add(-x.ago)
	m := *w.tools.Messaging
	m.Now = func() time.Time { return w.clock }
	n := messaging.NewItem{Key: rand.Text(), Item: desk.Item{Kind: x.kind, Title: x.title, Description: x.text, State: desk.ItemOpen, Tags: x.tags, Project: x.project}}
	if x.due != 0 {
		n.Item.Due = time.Now().Add(x.due).Truncate(time.Hour).UnixMilli()
	}
	for _, short := range x.followers {
		n.Follows = append(n.Follows, w.people[short].ID)
	}
	author := w.people[x.followers[0]]
	item, _, err := m.AddItem(ctx, author, n)
	if err != nil {
		return err
	}
	if err := w.about(&m, item.ID, desk.WithCustomers, x.outside); err != nil {
		return err
	}
	if err := w.about(&m, item.ID, desk.Internal, x.team); err != nil {
		return err
	}
	var p messaging.ItemPatch
	if x.state != desk.ItemOpen {
		p.State = &x.state
	}
	if x.assignee != "" {
		id := w.people[x.assignee].ID
		p.Assignee = &id
	}
	_, err = m.PatchItem(ctx, author, item.ID, p)
	return err
}

// about plays one of an item's conversations; the first line is a user's, and makes it.
func (w *sampler) about(m *messaging.Service, item string, kind desk.ConversationKind, lines []sampleLine) error {
	ctx, room := w.cmd.Context(), ""
	for i, line := range lines {
		author, draft := w.people[line.who], messaging.Draft{Key: rand.Text(), Body: w.mention(line.text)}
		if i == 0 {
			v, _, err := m.Start(ctx, author, messaging.Start{Kind: kind, Item: item, Message: draft})
			if err != nil {
				return err
			}
			room = v.ID
		} else {
			if _, err := m.See(ctx, author, room, int64(i), 0); err != nil {
				return err
			}
			if _, _, err := m.Post(ctx, author, room, draft); err != nil {
				return err
			}
		}
		w.clock = w.clock.Add(line.pause)
	}
	return nil
}

// sampleItems by language.
var sampleItems = map[string][]sampleItem{
	"en": {
		{4 * day, desk.Ticket, "Invoice 2041 has the wrong address", "The street is the old one. They need the corrected invoice for their books of November.", desk.ItemWaiting, "Priya",
			2 * day, "", []string{"invoice"}, []string{"Ana", "Marta"},
			[]sampleLine{{"Ana", "Good morning Marta, we have found the mistake: your old street was still in the order. The corrected invoice follows today.", 50 * time.Minute},
				{"Marta", "Thank you! Please send it to our accounts department, too.", 20 * time.Minute},
				{"Ana", "Gladly. To which address?", 0}},
			[]sampleLine{{"Ana", "@Priya the address comes from the old export. Are there more of these?", 30 * time.Minute},
				{"Priya", "Three more, all from Norte. I correct them together before the end of the week.", 0}}},
		{30 * time.Hour, desk.Ticket, "Delivery arrived with a broken box", "Two of twelve lamps are broken. Photos are on their way.", desk.ItemOpen, "",
			0, "", []string{"delivery", "refund"}, []string{"Luis", "Elif"},
			[]sampleLine{{"Luis", "Hello Elif, I am sorry about the lamps. Could you send us a photo of the box?", 3 * time.Hour},
				{"Elif", "Of course, I'll do it this afternoon. Will you send new ones or refund them?", 0}},
			[]sampleLine{{"Luis", "We have only one of these lamps left. Refund one, send one?", 10 * time.Minute}, {"Sofia", "Yes. And tell the carrier: it is the third box this month.", 0}}},
		{6 * day, desk.Task, "New prices on the web site", "The new list is in the shared folder. The old prices hold for orders placed before the 1st.", desk.ItemOpen, "Jonas",
			5 * day, "Price list", []string{"web"}, []string{"Ana", "Sofia"}, nil,
			[]sampleLine{{"Ana", "@Jonas can this go live on Monday morning?", time.Hour}, {"Jonas", "Yes. I'll put the pages up for you to look at tomorrow.", 0}}},
		{9 * day, desk.Task, "Order paper for the printer", "", desk.ItemDone, "Tom", 0, "", nil, []string{"Tom"}, nil, nil},
	},
	"es": {
		{4 * day, desk.Ticket, "La factura 2041 lleva la dirección equivocada", "La calle es la antigua. Necesitan la factura corregida para la contabilidad de noviembre.", desk.ItemWaiting, "Priya",
			2 * day, "", []string{"factura"}, []string{"Ana", "Marta"},
			[]sampleLine{{"Ana", "Buenos días, Marta: hemos encontrado el error, en el pedido seguía la calle antigua. La factura corregida sale hoy.", 50 * time.Minute},
				{"Marta", "¡Gracias! Enviadla también a nuestro departamento de contabilidad, por favor.", 20 * time.Minute},
				{"Ana", "Con mucho gusto. ¿A qué dirección?", 0}},
			[]sampleLine{{"Ana", "@Priya, la dirección viene de la exportación antigua. ¿Hay más así?", 30 * time.Minute},
				{"Priya", "Otras tres, todas de Norte. Las corrijo juntas antes de que acabe la semana.", 0}}},
		{30 * time.Hour, desk.Ticket, "El envío llegó con la caja rota", "Dos de las doce lámparas están rotas. Van a mandar fotos.", desk.ItemOpen, "",
			0, "", []string{"envío", "reembolso"}, []string{"Luis", "Elif"},
			[]sampleLine{{"Luis", "Hola, Elif: siento lo de las lámparas. ¿Puedes mandarnos una foto de la caja?", 3 * time.Hour},
				{"Elif", "Claro, esta tarde. ¿Enviáis otras o devolvéis el dinero?", 0}},
			[]sampleLine{{"Luis", "Solo nos queda una de estas lámparas. ¿Devolvemos una y enviamos otra?", 10 * time.Minute}, {"Sofia", "Sí. Y avisa al transportista: es la tercera caja este mes.", 0}}},
		{6 * day, desk.Task, "Precios nuevos en la web", "La lista nueva está en la carpeta común. Los pedidos anteriores al día 1 mantienen el precio antiguo.", desk.ItemOpen, "Jonas",
			5 * day, "Lista de precios", []string{"web"}, []string{"Ana", "Sofia"}, nil,
			[]sampleLine{{"Ana", "@Jonas, ¿puede publicarse el lunes por la mañana?", time.Hour}, {"Jonas", "Sí. Mañana subo las páginas para que las veáis.", 0}}},
		{9 * day, desk.Task, "Pedir papel para la impresora", "", desk.ItemDone, "Tom", 0, "", nil, []string{"Tom"}, nil, nil},
	},
}
