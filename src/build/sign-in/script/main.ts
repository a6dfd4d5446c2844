import { checkVisitor } from "./check-visitor.ts";
import { countDown } from "./countdown.ts";
import { watchState } from "./state.ts";
import { fillFromSms } from "./web-otp.ts";

/**
 * The code page works without a script. With one, the user need not look at the clock or at another window. The number page
 * needs it where visitors are checked.
 */
checkVisitor();
countDown();
watchState();
void fillFromSms();
