"""Ordinary English words, some of which are names as well: `Will`, `Grace`, `May`, `Young`.

Where a word of a pupil's name is one of these, a text may hold it without naming anybody. A choice, by hand: the words
schools write most, and the ordinary words that are given as names.
"""

from __future__ import annotations

from communities.personal_details import PLAIN_WORDS

_SHORT = """
    a am an and any are as ask at be but by can did do does done due each end few for from gap get go got had has
    have he her here him his how i if in is it its job just key kit less let like lot made make many may me met
    might more most mr mrs ms miss much must my need new next no none nor not now of off old on once one only onto
    or other our out over own part past per put said same saw say see seen set she should since so some soon still
    such sure take ten than that the their them then there these they this those three through thus till to too took
    two under until up upon us use used very was way we well went were what when where whether which while who whole
    whom whose why will with within without would yes yet you your also although always among another around away
    back because been before began begin being below best better between both bring came come could day days during
    early either else enough even ever every far felt find first five found four full gave give given goes going
    gone good great group hand hard help high home hour hours however idea inside into keep kept kind knew know
    known last late later least left lead led level little live long look lost main mean means meet mind month
    months moved near needs never nine number often open order place plan play point quite rather read ready real
    really right room run second seem seems self send sent seven several short show side six small start started
    stay step stop support sure talk team tell term terms text thing things think time times today together told
    toward towards try turn twice until unless used usual want wants week weeks while wide word words work works
    year years young
"""

_AT_SCHOOL = """
    able about above access additional adhd adult adults after again against age aged ages agree agreed aid aids all
    allow amount anxiety anxious approach area areas aren asc asd aspect assess assessed assessment attach attached
    attend attendance awareness balance behaviour behaviours below beside besides book books boy boys break bridge
    brother build calm camhs care case chair challenge change changes child children class classes classroom clear
    clerk clinic club coach cohort college communication concentrate concern concerns cope copy corner cost costs
    couldn course cover daily date dates daughter decline delay delayed deputy detail details develop development
    didn different difficult difficulties difficulty dinner discussion district dla dob dobs doesn don double draw
    drop dsl dyslexia eat ehc ehcp elsa email emails emotion emotional english envelope equipment everyone
    everything evidence expect experience express extra eyfs face fall families family father feel feels fidget
    filed fine focus follow following form forms friend friends friendship fsm fund funding further garden girl
    girls given goal grade grief ground groups grow half hasn haven head health hear hearing hi highest hnfo hold
    holding holds home homework house identified identify impact improve include includes including independent
    individual individuals infant information initials input interest interventions isn issue it ive join junior ks
    la lac language laptop large last learn learner learners learning lesson lessons letter life light limited line
    list listed listen listening lists literacy ll loan local loud low lunch manage maths maximum meal meltdown
    meltdowns member memory mentor minute minutes mixed mld model money monitor monitored monitoring morning mother
    motor mum music named names naming needed needing nobody noise none nose note notes numbers numeracy nurse
    nursery objective offer office oldest ot others outcome outcomes outside pace pack paid pair parent parents
    pastoral pay pe peer peers people person phone phonics physical picture pilot play playtime please pp practice
    prepare present previously primary problem process profile progress provide provided provision pupil pupils push
    quality question quick quiet range re reach reading redacted reduce refuse register registered regular regulate
    regulation relationship repeat report request require rest restrict restricted return review risk role roll rota
    routine routines rule rules safe safety salen salt same scerts score secondary semh sen senco sensory separate
    separately services session sessions set sheet shouldn sibling siblings sign signed sister sit slcn sld sleep
    slow slt social someone sometimes son sound space speak special speech spell spelling spld staff stage stairs
    story strategies strategy stress strong struggle struggles student students suite summer supervise supplied
    surname swim ta table target targets tas tba tbc teach teaching telephone test themselves therapy tidy timetable
    tool top total tour toy track train transition transport trial trip trust tutor twin unable understand unit
    upset various ve verbal vi visit visits visual voice wait walk wall warm wasn watch water wear weekly weigh
    weren withheld worker world worried worry wouldn write writing yard youngest yr yrs
"""

_NAMES_AND_WORDS = """
    abbey ace amber angel april archer art ash ashes august aurora autumn baker bank banks barber basil bay bear
    bell berry bill bird bishop black blossom blue bond booth bow brook brooks brown buck bush butler cannon
    carpenter carter chance chase christian church clark clay cliff coast cole comfort constant cook cooper crystal
    daisy dale dawn dean destiny diamond drake drew duke earl eden elder eve evening faith farmer fern field finch
    fisher flora ford forest fox frank franks freedom frost gale gardener garland gay gene genesis ginger glen gold
    grace grant gray green grey guy hall harbour harmony harper harvest hay hazel heath heather heaven hill hills
    holly honest hope hunt hunter iris ivy jack jade jasmine jay jewel joy judge june justice king knight lake lamb
    lane lark laurel law lily lion lot love luck lucky lynx maple march mark marks marsh mason max may melody mercy
    mill miller mills mine miracle misty moon moor moss myrtle nick noble noel north oak ocean olive opal page
    paradise park parker parks patience pat peace pearl pears penny peony pepper phoenix piper poppy porter potter
    power precious price prince princess prosper rain rainbow ray read reason red reed reef regent rich richer ridge
    rise river rivers rob robin rock rod roman rose rosemary rowan royal ruby rush rust rusty sage saint sand sandy
    savage scarlet scout serenity shade sharp shepherd short silver singer sky skye slater smart smith snow south
    spark spring stamp star stars steel stone storm strange street sue summer summers sun sunny swan swift tailor
    tanner taylor teal temple thorn tiger torch town trinity trust turner valley vale vandal violet virtue wade
    walker ward waters weaver weeks west wheat wheeler white wick will willow wills wind winter wise wolf wood woods
    worth wren
"""

ORDINARY_WORDS = frozenset(f"{_SHORT} {_AT_SCHOOL}".split()) | PLAIN_WORDS
"""In lower case, without accents: hardly ever a name where they stand in a sentence."""

ALSO_NAMES = frozenset(_NAMES_AND_WORDS.split())
"""Given as names and written as words."""
