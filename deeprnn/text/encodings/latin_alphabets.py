"""What common languages with Latin letters are written with: letters and frequent words. Data only."""

from __future__ import annotations

from typing import NamedTuple


class Alphabet(NamedTuple):
    """Describe how a language is written.

    Args:
        script: what the letters belong to; languages of one script are compared by their letters.
        letters: small letters, the most frequent first.
        words: frequent words, roughly the most frequent first; they say which letters stand side by side.
    """

    script: str
    letters: str
    words: str


LATIN = {
    "en": Alphabet(
        "latin",
        "etaoinshrdlcumwfgypbvkjxqzéïèçñöôâêüàæœ",
        "the of and to in a is that it was he for on with as his they be at one have this from or had by not but "
        "what all were when we there can an your which their said if do will each about how up out them then she "
        "many some so these would other into has more her two like him see time could no make than first been its "
        "who now people my made over did down only way find use may water long little very after words called just "
        "where most know",
    ),
    "fr": Alphabet(
        "latin",
        "esaitnrulodcmpévqfbghjàxèyêzçôùûâîœëïükwñæÿ",
        "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se il ce sont avec son ses "
        "mais comme ou si leur être cette fait même était elle aussi deux à tout nous ces après sans années où "
        "encore très lui on bien peut fois temps avait été jour entre déjà dit homme père mère frère première "
        "dernière manière près voix jamais toujours quand rien là moi vous tête fenêtre forêt côté bientôt français "
        "façon garçon ça reçu voilà sœur cœur âge île connaître où goût août leçon école étaient pensée année "
        "réponse également événement quelque",
    ),
    "de": Alphabet(
        "latin",
        "enisratdhulcgmobwfkzüvpäßjöyqxéà",
        "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er "
        "hat daß sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor "
        "zur bis mehr durch man sein wurde sei hatte kann gegen vom können schon wenn habe seine ihre dann unter "
        "wir soll ich eines jahr zwei jahren diese dieser wieder keine uhr seiner worden will zwischen immer groß "
        "größer straße weiß müssen würde für während später möglich schön hören fünf zurück natürlich gehört "
        "erzählt könig",
    ),
    "es": Alphabet(
        "latin",
        "eaosrnidlctumpbgvyqóíhfjzáéñxúükw",
        "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin "
        "sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde está mi porque "
        "qué sólo han yo hay vez puede todos así nos ni parte tiene él uno donde bien tiempo mismo ese ahora cada "
        "vida otro después día niño mañana señor pequeño razón corazón aquí allí quién según número",
    ),
    "pt": Alphabet(
        "latin",
        "aeosrindmutclpvghqbfãçázjéíóxêúôõâàükwy",
        "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele das à seu sua ou "
        "quando muito nos já eu também só pelo pela até isso ela entre depois sem mesmo aos seus quem nas me esse "
        "eles você essa num nem suas meu às minha numa pelos qual nós lhe deles então são está você irmão coração "
        "mãe mão três nação informação água possível difícil",
    ),
    "it": Alphabet(
        "latin",
        "eaionlrtscdupmvghfbqzòàùìèéjkwxyî",
        "di e che la il un a per in una non sono è mi si ho lo ma le ti con da ha cosa se i come ci no questo hai "
        "al qui bene tutto più nel era della anche gli perché così quando molto dove già può città perciò lei lui "
        "tempo giorno della sempre ancora fare essere però verità nella alla dei delle stato casa",
    ),
    "nl": Alphabet(
        "latin",
        "enatirodslghvkmubpwjzcfyxéëqïüèö",
        "de van het een en in is dat op te zijn voor met die niet aan er om ook als dan maar bij nog uit door naar "
        "heeft hij ze was wordt over deze worden werd zich meer kan wel geen had wat hun moet één tot veel ik je "
        "mijn zo haar goed jaar twee mensen onder tegen alleen altijd weer reünie ideeën België",
    ),
    "sv": Alphabet(  # and its neighbours
        "latin",
        "eantrsidlogkmväfåuhpøcæbjöyéxzwq",
        "och i att det som en på är av för med den til jag inte om har de ett han men var at og ikke jeg der er kan "
        "så från vi vid när nu där ut då mot hade eller över du efter bara man hur vara skulle här också ska år "
        "mycket två få gå må når være også hvor hun går på før æble øre år både først større mænd børn",
    ),
    "fi": Alphabet(
        "latin",
        "aintesloukämvrjhypdögbfcåwšžxzq",
        "ja on ei että se hän oli ovat joka mutta myös kun niin ole kuin sen olla mukaan tai jos sitä minä nyt vain "
        "voi hänen ollut jo tämä siitä mitä vielä olisi kaikki kanssa sitten joita tässä täällä äiti isä päivä hyvä "
        "yö työ pöytä tyttö näytti jälkeen",
    ),
    "pl": Alphabet(
        "latin",
        "iaeoznrswcytkdpmujlłbgęhąóżśćfńźvéxqü",
        "i w nie na się z do to że jest o jak po co tak za od jego ale przez ma już tylko był dla jej czy przed gdy "
        "tym przy było może które tego pod bo mnie sobie jeszcze być także kiedy która ich był będzie więc coś ją "
        "są też można ludzi został dzień życie człowiek świat ręką książka później również każdy dwa lat pan gdzie "
        "pięć dziś miał mógł noc źle państwo wziął chłopiec święto część właśnie znów drzwi wszystko powiedział",
    ),
    "cs": Alphabet(
        "latin",
        "eoantsilvrkdpmuízjyhácběéřčžýšůgfúňxťóďwqäöü",
        "a se v na je že o s z do i to k ve pro za by ale si po jako od jsem tak jeho které který jsou však už nebo "
        "až jen při ještě co byl bylo aby která před jak podle jeho nad mezi také pod není může být její více když "
        "své než člověk život den svět řekl všechno během třeba další něco právě možná dítě děti čas město těžké "
        "přišel čtyři dům stůl žena řeka večer většina zůstal šťastný ještě",
    ),
    "sk": Alphabet(
        "latin",
        "aoeintsrvlkdmpuczhjybáýčíéšžúľťôňäďóĺŕgfxwq",
        "a v sa na je že o s z do aj to k vo pre za by ale si po ako od som tak jeho ktoré ktorý sú však už alebo "
        "až len pri ešte čo bol bolo aby ktorá pred podľa nad medzi tiež pod nie môže byť jej viac keď svoje než "
        "človek život deň svet povedal všetko ľudia môj dôležité väčší štyri mäkký päť niečo iba",
    ),
    "hu": Alphabet(
        "latin",
        "eatlnskomzrigáéydbvhjőfupöócíüúűxqwä",
        "a az és hogy nem is egy ez meg de csak volt már ha mint el még azt vagy én ki mert fel kell ő lesz úgy le "
        "van amely sem után minden között által jól több így közül ezt most olyan akkor ember két első nagy idő "
        "kérdés szép könyv víz föld fiú nő gyűrű tűz őt között később előtt győz",
    ),
    "ro": Alphabet(
        "latin",
        "eiarntulocsdmpăvfbîşgâţhzxjșțkwyqéö",
        "de și în a la cu că nu pe care din o un mai se este au fost pentru ce să sau dar ca al ale ei lui lor era "
        "prin după fără când numai avea foarte această acest toate între până două ani timp viață şi în că să ţară "
        "faţă mâine câte astăzi înainte",
    ),
    "hr": Alphabet(  # and the Latin writing of its neighbours
        "latin",
        "aieonrsjtukvdmlpgzbčćšžhcđfxywq",
        "je i u da se na su za od koji a s nije o kao iz što bi sam će koje te koja ili po samo do ne ali bio bilo "
        "kako sve već jer nakon više ima još može kad prije kroz zbog između nešto čovjek život riječ dan noć kuća "
        "ljudi također vrijeme sunce sreća šta žena đak",
    ),
    "tr": Alphabet(
        "latin",
        "aeinrlıkdmyutsbüoşzgçğhvcöpfjâîûwxq",
        "bir ve bu da de için o çok ne ile gibi daha var kadar sonra olarak en ama değil her ben olan ki ya kendi "
        "mi iki şey gün şimdi önce zaman olduğunu diye yok ise hiç büyük küçük iyi yeni insan nasıl çocuk başka "
        "bütün göz güzel ağaç dağ kız adam ışık yıl değildi olduğu şöyle değişik içinde üzerine karşı",
    ),
    "et": Alphabet(
        "latin",
        "aeistlunkodmrvgjhpäõübföšžcyxwzq",
        "ja on ei et ta oli see kui mis ka aga või oma nii siis kes seda ning mille pole veel olid nagu tema selle "
        "kõik välja üle juba väga siin mida ma sa pärast ees kuid üks aasta hea päev öö tõesti töö küsis ütles "
        "mõned",
    ),
    "lv": Alphabet(
        "latin",
        "aistreunkoādmlpīvējbzgcšūļņģžķčfhxwy",
        "un ir ar no uz ka kas par bet to viņš tas arī kā vai nav bija pie lai pēc tā ja es gan tikai līdz vēl viņa "
        "tad kad jau gadā pat tie cilvēks laiks diena māja ļoti visi mūsu jūs šis šī kāpēc būs mājās bērni",
    ),
    "lt": Alphabet(
        "latin",
        "iasoretnukmlpvdjgėbyųšžūzcąįčęhfwxq",
        "ir kad į iš su tai yra ne bet jis kaip o ar po buvo tik jo savo už dar prie nuo jau jos apie ji dėl kuris "
        "jų čia taip labai gali visi metų žmogus žmonės diena ją visą žodis būti prieš šis ką kurį tą namų vieną "
        "gražus pasakė mažas sąrašas didelė širdis žemė ežeras",
    ),
    "vi": Alphabet(
        "latin",
        "nhicat\u0300g\u0301u\u0323oômđlrysâ\u0309bvpưkăqdeơêx\u0303fjzwáàãéèóòõúùíìýñç",
        "và của là co\u0301 cho không được mô\u0323t trong ngươ\u0300i như\u0303ng vơ\u0301i các đê\u0309 đa\u0303 "
        "khi này đê\u0301n ra vê\u0300 tư\u0300 thi\u0300 cu\u0303ng nhiê\u0300u như la\u0323i sau vào năm nên hay "
        "anh cô ông ba\u0300 mẹ con nhà ngày nước trên dưới hát làm đi sông đâ\u0301t trơ\u0300i nhâ\u0301t "
        "biê\u0301t",
    ),
    "is": Alphabet(
        "latin",
        "anrietsulgðmkfhváíöþjdbóæpyýúéxcwqz",
        "og að í á ekki það sem er var hann við til en ég um þá með af fyrir hún því þú svo eða þeir upp nú hafa verið "
        "þegar hefur eftir hans mér sér þess við úr þar maður hús dag sjó ljós vissi heim enginn",
    ),
    "sq": Alphabet(
        "latin",
        "etëiarnushokmdpljvgbqfyzçcxw",
        "të e në për dhe që me nga një është ka u i se do më ishte nuk si por kjo ai ajo ata mund gjithë çdo edhe kur "
        "kishte këtë pas deri tij saj shumë asgjë ditë njeri shtëpi punë vjetër",
    ),
    "eo": Alphabet(
        "latin",
        "aienorstlkjudmpvgbcĝĉŭfŝzhĵĥ",
        "la de kaj en estas al ne mi li ĝi por ke kun sed pri ĉiu ĉi ŝi ili vi kiu estis tiu ĉar ankaŭ aŭ hodiaŭ "
        "hieraŭ ĉio ĝis sia tre homo vivo povas devas diris kiam antaŭ",
    ),
}
