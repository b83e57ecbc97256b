"""What people write at work: tickets, tasks, notes of calls, appointments, campaigns, sales and leads."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

# Kind | subject | what happened. {thing} is a product, {day} a day.
TICKETS = """
incident|{thing} does not switch on|Since {day} nothing happens when we press the power button. We tried another socket and another cable.
incident|{thing} stops after ten minutes|It runs normally at first, then switches itself off and stays off for about an hour.
incident|Error message on {thing}|The display shows a code we can't find in the manual. It comes back after every restart.
incident|{thing} no longer found on the network|Nothing was changed on our side. Two of three sites are affected since {day}.
incident|{thing} arrived damaged|The box looked fine, but one corner inside is broken. Photos were taken before unpacking further.
incident|Can't sign in to the customer area|The password reset mail does not arrive, not even in the spam folder.
question|How do we clean {thing}?|The surface has stains from coffee and we do not want to damage it.
question|Is {thing} still available in the old colour?|We furnished one floor two years ago and would like the second to match.
question|Delivery time for twelve pieces of {thing}|We move into the new office soon and need to plan the fitters.
question|Which spare parts fit {thing}?|The serial number is on the back, we can send a picture of it.
question|Invoice in another language|Our accounts department needs the last invoice in English and with our order number.
question|Can {thing} be combined with our older model?|The connectors look the same, but the manual says nothing about it.
complaint|Third delay of the same delivery|We were promised {day}, then the week after. Our fitters have been sent home twice.
complaint|Technician did not come|We waited all of {day} and nobody called. This room is used by forty people.
complaint|Wrong amount on the invoice|The discount agreed with our sales contact is missing on every line.
complaint|{thing} is louder than promised|The data sheet says 35 decibels; in our meeting room it is clearly more.
service_request|Move {thing} to another floor|Five pieces have to go from the second to the fourth floor, if possible on {day}.
service_request|Yearly inspection of {thing}|The last one was a year ago. Mornings before ten would suit us best.
service_request|Training for new colleagues|Six people have joined us since spring and should learn how to use {thing}.
service_request|Additional licence from next month|Please add four users and put them on the same contract.
return|Return of {thing}|It is unused and still packed. We ordered the wrong variant.
return|Exchange of {thing} within warranty|Repaired once already, the same fault came back on {day}.
suggestion|A wish for {thing}|It would help a lot if the settings could be copied from one device to the next.
suggestion|Delivery notes with room numbers|Our porters would save an hour if the room stood on every label.
"""  # noqa: E501 -- one ticket a line

WISHES = (
    "Please call before you come.", "Could you tell us what to do until then?",
    "We need an answer this week.", "The contact on site knows the details.",
    "A replacement device would help us in the meantime.", "There is no hurry, but we would like to know.",
    "Please send the answer to the whole team.", "If it is easier, we can bring it to you.",
    "Is this covered by our contract?", "Thank you for your help!",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "last week", "yesterday", "this morning")
ANSWERS = (
    "Replaced the power supply and tested for two hours.",
    "Sent the instructions with pictures; the customer confirmed.",
    "New delivery agreed, shipping costs waived.", "Corrected invoice sent, the old one cancelled.",
    "Firmware updated on all devices on site.", "Settings restored, backup explained to the customer.",
    "Spare part ordered and fitted.", "Explained by telephone, no visit needed.",
)  # fmt: skip
TASKS = (
    "Send the revised offer", "Prepare the demonstration", "Call back about the delivery date",
    "Check the contract terms", "Collect references from the same trade",
    "Write the minutes of the meeting", "Book the fitters", "Update the contact data",
    "Clarify the payment terms with accounting", "Order samples of the fabrics",
    "Check the stock for the large order", "Send a thank-you note", "Arrange a visit to the showroom",
    "Remind about the open invoice", "Plan the yearly review", "Ask for feedback after the delivery",
    "Draft the answer to the complaint", "Compare with the competitor's offer",
    "Hand over to the support team", "Renew the maintenance contract",
)  # fmt: skip
STEPS = (
    "Offer to be sent", "Decision by their board", "Site visit with the architect",
    "Test installation for two weeks", "Waiting for the signed copy", "Second meeting with purchasing",
    "Price for a larger quantity", "Call after their budget round",
)  # fmt: skip
CALLS = (
    ("First conversation", "Interested, but the budget is only decided next quarter. Wants two prices."),
    ("About the offer", "Has read it; asks for a discount on the larger quantity and a faster delivery."),
    ("Delivery date", "Agreed on a delivery before ten in the morning. The lift is narrow: send two people."),
    ("Open invoice", "The invoice had gone to the wrong department. Will be paid this week."),
    ("Complaint", "Annoyed, later calmer. Promised a call back with a date until tomorrow noon."),
    ("Satisfaction after delivery", "Very content with the fitters. May be named as a reference."),
    ("Change of contact", "Colleague has left the company, the new one starts next month."),
    ("Technical question", "Explained the settings step by step, it works now."),
    ("Invitation", "Will come with two colleagues and wants to see the new series."),
    ("Renewal of the contract", "Wants to keep the conditions for another two years."),
)
EVENTS = (
    ("meeting", "First meeting"), ("meeting", "Quarterly review"), ("meeting", "Site visit"),
    ("meeting", "Contract talks"), ("presentation", "Presentation of the new series"),
    ("presentation", "Demonstration in the showroom"), ("training", "Introduction for the support team"),
    ("training", "User training"), ("webinar", "Planning quiet offices"),
    ("webinar", "What is new this season"), ("trade_show", "Stand at the office fair"),
    ("other", "Lunch with the team"),
)  # fmt: skip
ROOMS = (
    "Meeting room Linden",
    "Meeting room Harbour",
    "Showroom",
    "At the customer's",
    "Café round the corner",
    "Online",
)
THEMES = (
    "Quiet offices", "Better light", "Working from home", "Coffee for everyone", "Safe deliveries",
    "Paper or not", "Healthy backs", "The meeting room of tomorrow", "Second life for furniture",
    "Ready for the audit",
)  # fmt: skip
CAMPAIGN_TYPES = {
    "email": "newsletter", "webinar": "webinar", "trade_show": "at the fair",
    "advertising": "advertisements", "social_media": "posts", "telephone": "round of calls",
    "direct_mail": "letter", "conference": "talk",
}  # fmt: skip
SEASONS = ("spring", "summer", "autumn", "winter")
SALES = (
    "Office furniture", "New meeting rooms", "Lighting for the hall", "Printers for all sites",
    "Maintenance contract", "Coffee for three floors", "Workplace planning", "Network renewal",
    "Room booking licences", "Move to the new building",
)  # fmt: skip
NEEDS = (
    "Furnishing a new office for {count} people, decision within the quarter.",
    "Replacing devices at {count} sites; wants one supplier for all of them.",
    "Looking for a maintenance contract for about {count} workplaces.",
    "Needs an offer for {count} meeting rooms with screens and sound.",
    "Compares three suppliers. Delivery time matters more than the price; {count} places.",
    "Heard of us from a partner. Would like to see the showroom with {count} colleagues.",
)


class Ticket(NamedTuple):
    """A customer's request; `kind` incident, question, complaint, service_request, return or suggestion."""

    kind: str
    subject: str
    description: str


class Note(NamedTuple):
    """A titled text: a call with what was said, an appointment with its kind, a campaign with its kind."""

    kind: str
    subject: str
    text: str


def ticket(random: Random, product: str = "") -> Ticket:
    """A customer's request, about goods of this name, or about neither where no name is given."""
    rows = TICKET_ROWS if product else GENERAL_ROWS
    kind, subject, story = rows[int(random.random() * len(rows))]
    day = DAYS[int(random.random() * len(DAYS))]
    wish = WISHES[int(random.random() * len(WISHES))]
    thing = f"the {product.partition(',')[0]}"
    subject = _filled(subject, thing, day)
    return Ticket(kind, subject[0].upper() + subject[1:], f"{_filled(story, thing, day)} {wish}")


def answer(random: Random) -> str:
    """How a ticket was resolved, in a sentence."""
    return ANSWERS[int(random.random() * len(ANSWERS))]


def task(random: Random) -> str:
    """What a task asks for."""
    return TASKS[int(random.random() * len(TASKS))]


def next_step(random: Random) -> str:
    """What has to happen next in a sale."""
    return STEPS[int(random.random() * len(STEPS))]


def call(random: Random) -> Note:
    """A telephone call: what it was about, and what was said."""
    subject, notes = CALLS[int(random.random() * len(CALLS))]
    return Note("call", subject, notes)


def event(random: Random) -> Note:
    """An appointment; `text` is where it takes place."""
    kind, subject = EVENTS[int(random.random() * len(EVENTS))]
    return Note(kind, subject, "Online" if kind == "webinar" else ROOMS[int(random.random() * len(ROOMS))])


def campaign(random: Random, year: int) -> Note:
    """A marketing campaign of a year."""
    kind = CAMPAIGN_KINDS[int(random.random() * len(CAMPAIGN_KINDS))]
    theme = THEMES[int(random.random() * len(THEMES))]
    season = SEASONS[int(random.random() * len(SEASONS))]
    text = f"{theme}: what customers tell us about it, and what we can offer them this {season}."
    return Note(kind, f"{theme}, {CAMPAIGN_TYPES[kind]}, {season} {year}", text)


def sale(random: Random) -> str:
    """What is being sold in an opportunity."""
    return SALES[int(random.random() * len(SALES))]


def need(random: Random) -> str:
    """What someone who has just got in touch is looking for."""
    return NEEDS[int(random.random() * len(NEEDS))].replace("{count}", str(3 + int(random.random() * 60)))


def sentences(random: Random, count: int) -> str:
    """Some sentences for a text nothing more is known about."""
    return " ".join([SENTENCES[int(random.random() * len(SENTENCES))] for _ in range(count)])


def _filled(text: str, thing: str, day: str) -> str:
    return text.replace("{thing}", thing).replace("{day}", day) if "{" in text else text


TICKET_ROWS = tuple(tuple(line.split("|")) for line in TICKETS.strip().splitlines())
GENERAL_ROWS = tuple(row for row in TICKET_ROWS if "{thing}" not in "".join(row))
CAMPAIGN_KINDS = tuple(CAMPAIGN_TYPES)
SENTENCES = (*ANSWERS, *WISHES, *(notes for _, notes in CALLS))
