"""Invented words of the demonstration: nobody said any of this, and it is about nobody."""

_FIRST = (
    "Aaliyah Adam Agnes Alina Amir Anika Arthur Beatrice Bilal Bronwen Callum Carys Clara Daniel"
    " Devi Dylan Edith Eleni Elliot Esther Farah Felix Freya Gareth Grace Hamza Harriet Hugo Imran"
    " Isla Jasmine Jonah Joy Kamil Karen Kofi Leila Lewis Lucia Malik Marta Maya Miles Nadia Nathan"
    " Nia Oliver Omar Orla Owen Petra Priya Quentin Rafael Rhys Rosa Ruth Samir Sian Tariq Tessa"
    " Thea Tomasz Una Vera Victor Wanda Winston Yasmin Yusuf Zara"
)
FIRST_NAMES = tuple(_FIRST.split())
_LAST = (
    "Abara Alderton Ambrose Ashdown Banerji Bexwell Birchall Brackley Calloway Castellan Cordery"
    " Daventree Dunmore Eastcote Ellery Fairlight Fenwick Ferro Gainford Greatorex Hadley Hartwell"
    " Ibori Inskip Jankowski Jessop Kaminska Keverne Lambourne Lindow Mallory Marchetti Merriden"
    " Nadkarni Northcott Okonjo Oldacre Pemberley Pillai Quarles Radcot Rashford Sandover Selwyn"
    " Tamsin Thackeray Underhay Varma Venning Wexcombe Whitlock Yarrow Yelland Zielinski"
)
LAST_NAMES = tuple(_LAST.split())
STREETS = (
    "Acorn Way",
    "Bell Meadow",
    "Chalk Rise",
    "Drover Street",
    "Example Road",
    "Fallow Lane",
    "Granary Court",
    "Heron Walk",
    "Invented Avenue",
    "Juniper Close",
)
TOWNS = ("Exampleton", "Sampleford", "Testbury", "Mockham", "Specimen St Mary")

COMPLAINTS = {
    "protection-of-user": (
        "Our worker does not listen. {who} was told one thing and the report says another.",
        "The worker named in our plan has changed their mind about {who} without explaining why.",
        "We asked for a different worker in {month} and nobody has answered.",
    ),
    "service-standards": (
        "We were promised news of {thing} by {month} and are still waiting.",
        "We think we are due more help with {thing} than we have been given.",
        "It took far longer than your own standard says to deal with {thing}.",
    ),
    "staff-conduct": (
        "The person I spoke to in {month} was abrupt and would not let me finish.",
        "I was told the decision about {thing} in a way that upset {who}.",
    ),
    "communication": (
        "I have left four messages since {month} and nobody has called me back.",
        "I was not told about the meeting on {thing} until after it had happened.",
        "My emails about {thing} go unanswered and every person tells me something different.",
    ),
    "financial-issues": (
        "I was charged twice for {thing} and the refund has not come.",
        "The payment agreed in {month} was late and then short.",
    ),
    "policy": ("The rule about {thing} makes no sense for people in our position.",),
    "discrimination": ("We believe that {who} was treated differently and want to know why.",),
    "commissioned-service-provision": (
        "The firm that looks after {thing} for the council did not turn up again.",
    ),
    "outside-complaints-process": (
        "I disagree with the decision about {thing} and want it changed.",
    ),
    "physical-environment-issues": (
        "The surface outside our house has been broken since {month}.",
        "The light in the car park does not work and it is not safe to walk there.",
    ),
}
ANY_COMPLAINT = ("I am not happy with how {thing} was dealt with in {month}.",)
COMMENTS = (
    "It would help if there were a number to ring in the evening about {thing}.",
    "Please think about putting the form for {thing} in larger print.",
    "A suggestion: tell people in {month} what will happen to {thing} over the holidays.",
)
COMPLIMENTS = (
    "Thank you to the person who sorted out {thing} in {month}. It made all the difference.",
    "The member of staff who helped {who} was patient and kind.",
)
THINGS = {  # what feedback of each service is about
    "children-and-families": ("a short break", "the family meeting", "contact", "the assessment"),
    "education": ("the annual review", "the support plan", "the assessment", "a school place"),
    "adult-social-care": ("the care plan", "respite", "the home visit", "the assessment"),
    "public-health": ("the health check", "the course", "the helpline"),
    "highways": ("the road works", "the street light", "the parking permit", "the verge"),
    "transport-and-planning": ("the school bus", "the bus stop", "the planning notice"),
    "waste": ("the recycling centre", "the garden waste site", "the drain"),
    "communities": ("the country park", "the trading advice", "the footpath"),
    "libraries": ("the reading group", "the library", "the exhibition"),
    "fire-and-rescue": ("the smoke alarm", "the safety visit", "the open day"),
    "customer-services": ("the blue badge", "the registration appointment", "the application"),
    "finance-and-property": ("the invoice", "the refund", "the lease"),
}
WHO = ("my son", "my daughter", "my mother", "our family", "my neighbour", "my grandchild")
DESIRED = (
    "An apology and an answer to each point.",
    "Somebody to ring me and explain what happens next.",
    "The decision looked at again.",
    "That this does not happen to anyone else.",
    "What we were promised, with a date.",
)
ESCALATION_REASONS = (
    "The reply did not answer my second point.",
    "I was promised action and none has been taken.",
    "The reply rests on a meeting that I was not at.",
)
REFUSED_ESCALATION = "Everything asked for was agreed at stage 1 and is being done."
NOTES = (
    "Rang the complainant to agree the points to be answered.",
    "Chased the team for its reply.",
    "Left a message asking for a good time to call.",
    "Copy of the earlier correspondence added.",
)
VOIDED = ("Entered twice by mistake.", "Typed in while training on the system.")
RECLASSIFIED = {
    "complaint": "It asks for a reply about something that went wrong: a complaint.",
    "comment": "It asks for no reply and suggests an improvement: a comment.",
    "compliment": "Read in full, it thanks the team: a compliment.",
}
REOPENED = "The complainant sent further papers; nothing in them changed the answer."
MIGRATED = "Taken over from the old system: its days there cannot be judged here."
MISKEYED = "Mis-keyed when it was logged."
