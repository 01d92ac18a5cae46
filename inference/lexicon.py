"""Words and phrases that hint at a code: features for the heads and words for the cues, never a verdict."""

# Function words and talk fillers: an overlap of these says nothing about ideas.
_STOP_WORDS = """
a about all alright also am an and any are as at be because been being bit but by can can't cause could did
didn't do does doesn't don't down for from get go goes going gonna got gotta guys had has have he he's her here
hey him his how i i'm if in into is it it's its just kind let's like look lot many may me might more much my no
not now of off oh ok okay on one or our out over really right said say see she she's should so some sort stuff
than that that's the their them then there there's these they they're thing things this those to too uh um up us
very wanna was we we're well went were what what's when where which who why will with won't would yeah yes you
you're your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

# Each group is one feature: how often its pattern is found in the normalised text, capped at two.
CUE_PATTERNS: dict[str, str] = {
    "open_what": (
        r"what (?:else |other )?(?:do|did|would|could|might|can|are|will|should) (?:you|we|they|your|it|"
        r"happen)"
    ),
    "open_notice": (
        r"\b(?:notic\w+|wonder(?:s|ed|ing)?|observ\w+|predict\w*|surpris\w+|imagine|ideas?|think|thinking|"
        r"guess)\b"
    ),
    "open_if": r"\bwhat (?:would|will|could|might|if|happens|changes)\b|\bwhat if\b",
    "open_how": r"\bhow (?:could|might|would|can|do|did|will|should|else) (?:you|we|they|it|this|that)\b",
    "open_tell": r"\b(?:tell|talk|walk|show|say) (?:me|us|more|everyone)\b|\bsay more\b|\bexplain\b|\bdescribe\b",
    "press_why": (
        r"\bwhy\b|\bhow come\b|\bwhat makes (?:you|it|that|them)\b|\bmakes you (?:think|say)\b|"
        r"\bwhat for\b"
    ),
    "press_know": (
        r"\bhow (?:do|did|can|would|could) (?:you|we|they) (?:know|tell|prove|be sure)\b|\bhow sure\b|"
        r"\bevidence\b|\bprove\b|\breasons?\b|\bconvince\b|\bback (?:that|it) up\b"
    ),
    "closed_aux": (
        r"^(?:(?:so|and|now|okay|but|wait|um) )*(?:is|are|was|were|do|does|did|can|has|have|will|isn't|"
        r"aren't|didn't) "
    ),
    "closed_fact": (
        r"\b(?:what is|what's|what are) (?:the|a|an|this|that|it|one)\b|\bhow many\b|\bhow much\b|"
        r"\bwhat colou?r\b|\bcalled\b|\bname of\b|\bwhich (?:one|is|of)\b|\bwho (?:is|was|can tell)\b|"
        r"\bremember\b"
    ),
    "procedural": (
        r"\b(?:ready|finished|done|everyone|everybody|need|needs|scissors|tape|glue|turn|hands?|line up|"
        r"sit|seats?|quiet|listen|listening|clean|table|page|sheet|goggles|minutes?|partners?|bathroom|"
        r"share|put away|next step)\b"
    ),
    "tag": r"\b(?:right|okay|ok|yeah|huh|isn't it|don't you|aren't they|you know|see|alright|got it)$",
    "choice": (
        r"\bup to you\b|\byou (?:decide|choose|pick|get to|can decide|guys decide|all decide)\b|"
        r"\byour (?:call|choice|decision|plan)\b|\b(?:decide|choose|pick|vote|want to try|would you like|"
        r"you want to|you'd like)\b|\bhowever you\b|\bwhatever you\b|\bwhichever\b"
    ),
    "trivial_choice": r"\bcolou?rs?\b|\bseat|\bsit\b|\bsnack|\bteams?\b|\bfirst\b|\bstickers?\b|\bmarkers?\b",
    "uptake": (
        r"\b(?:like|as) \w+ (?:said|says|suggested|noticed|mentioned|pointed)\b|\byour (?:idea|question|"
        r"point|plan|way|theory|prediction|design|suggestion)\b|\w+'s (?:idea|question|point|plan|way|"
        r"theory|prediction|design|suggestion)\b|\byou (?:said|noticed|suggested|mentioned|asked|told|"
        r"found|were saying|just said)\b|\blet's (?:try|test|do|go with|use) (?:that|it|your|her|his)\b"
    ),
    "praise": (
        r"\b(?:good|great|nice|awesome|excellent|perfect|wonderful|amazing|love|cool|fantastic|"
        r"beautiful) (?:job|work|idea|thinking|question|try|one|point|answer)?\b|\bwell done\b|"
        r"\bway to go\b|\bexactly\b|\bthat's right\b|\bcorrect\b"
    ),
    "propose": (
        r"\b(?:maybe|perhaps|what if|how about|can we|could we|should we|let's|we could|we should|we can|"
        r"i could|i'll|i can|i want to|i wanna|i bet|i think|i predict|we need to|you could|why don't we|"
        r"gonna try|let me|instead|next time)\b"
    ),
    "reason": (
        r"\b(?:because|cause|cuz|since|so that|that's why|that means|which means|if|the reason|otherwise|"
        r"so it)\b"
    ),
    "data": (
        r"\b(?:more|less|fewer|bigger|smaller|faster|slower|higher|lower|longer|shorter|heavier|lighter|"
        r"stronger|weaker|same|every time|times|seconds|inches|grams|degrees|each|than|compared)\b"
    ),
    "peer": (
        r"\b(?:no|wait|yeah|you|your|hold|give|pass|put|move|try|don't|stop|careful|lift|push|pull|"
        r"here)\b"
    ),
    "career": (
        r"\b(?:engineers?|scientists?|job|jobs|career|work as|works? (?:at|for|in)|for a living|nurses?|"
        r"doctors?|mechanics?|electricians?|architects?|designers?|technicians?|programmers?|builders?|"
        r"farmers?|astronauts?|pilots?|plumbers?|welders?|chefs?|bakers?|biologists?|chemists?|"
        r"geologists?|meteorologists?|vets?|veterinarians?|developers?|carpenters?|people who|"
        r"someone who|they get paid|paid to)\b"
    ),
    "everyday": (
        r"\b(?:at home|your house|my house|our house|kitchen|fridge|bathtub|shower|your (?:mom|dad|"
        r"grandma|grandpa|uncle|aunt|phone|bike|bedroom|family|brother|sister)|my (?:mom|dad|grandma|"
        r"grandpa|uncle|aunt|phone|bike|bedroom|family|brother|sister|cousin|neighbor)|breakfast|dinner|"
        r"cooking|laundry|every day|everyday|weekend|car|bus|playground|grocery|store)\b"
    ),
    "community": (
        r"\b(?:our (?:town|city|neighbou?rhood|street|park|river|creek|school|block|community|village|"
        r"building|library|garden)|neighbou?rhood|community|town|city council|mayor|around here|"
        r"down the street|local|neighbou?rs|on (?:our|your|my) street|creek|flooded)\b"
    ),
    "real_world": (
        r"\b(?:bridges?|airplanes?|planes?|satellites?|rockets?|hospitals?|factory|factories|nature|"
        r"animals?|climate|earthquakes?|hurricanes?|storms?|power plants?|solar|wind turbines?|"
        r"skyscrapers?|buildings?|real (?:life|world|one|ones)|in the world|birds?|ocean|pollution|"
        r"recycl\w+|machines?|robots?|nasa|mars|space|forest|satellite|phones?|computers?|that's how|"
        r"that's why|same (?:thing|way|idea))\b"
    ),
    "word_problem": (
        r"\b(?:if (?:sam|maria|john|a train|she|he) (?:has|had|buys|bought)|how many (?:apples|cookies|"
        r"pizzas|dollars)|word problem|problem says|quiz|test|worksheet|movie|game show|commercial|brand|"
        r"video game|netflix|youtube)\b"
    ),
    "logistics": (
        r"\b(?:snack|pick up|bathroom|parents|coats|backpacks|chairs|sign|permission|next week|lunch|bus|"
        r"time to|five minutes)\b"
    ),
    "negation": r"\b(?:no|not|don't|doesn't|didn't|can't|won't|never|nothing)\b",
}
