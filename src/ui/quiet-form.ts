/**
 * The action of every form here. None is ever sent (its submit event is handled, and the policy's form-action forbids
 * the rest), but Chromium asks Google's autofill server about each form it sees unless the form looks like a search:
 * https://source.chromium.org/chromium/chromium/src/+/main:components/autofill/core/browser/form_structure.cc
 */
export const QUIET_FORM_ACTION = "/search";
