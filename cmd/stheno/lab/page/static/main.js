// The page: its parts are begun, then the stream is read.
import * as header from "./header.js"
import * as ladder from "./ladder.js"
import * as others from "./others.js"
import * as network from "./network.js"
import * as beside from "./beside.js"
import * as curves from "./curves.js"
import * as words from "./words.js"
import * as judged from "./judged.js"
import * as tryit from "./try.js"
import * as steer from "./steer.js"
import * as deck from "./deck.js"
import * as data from "./data.js"
import * as take from "./take.js"
import * as keys from "./keys.js"
import * as live from "./live.js"
import * as address from "./address.js"
import * as opening from "./opening.js"
import { begin } from "./i18n.js"
import { $, h } from "./dom.js"
import { tell } from "./state.js"
import { connect } from "./stream.js"

begin()
for (const part of [header, ladder, others, network, beside, curves, words, judged, tryit, steer, deck, data, take, keys, live, address, opening]) part.start()
for (const id of ["ladder", "network", "curves", "words", "try", "judged", "steer"]) document.querySelector(".jump").append(h("a", { href: "#" + id, t: { try: "try_other" }[id] ?? id, onclick: e => { e.preventDefault(); $(id).scrollIntoView() } }))
for (const topic of ["state", "view"]) tell(topic)
connect()
