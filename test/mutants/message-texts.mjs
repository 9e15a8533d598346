import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

const reason = "the words of an error message";

/**
 * Leaves the words of error messages as they are: a test that repeats a whole sentence guards nothing. That an error is
 * thrown, its code, and which of its parts are there at all stay open to faults. Words are what a PrumergeError is made
 * with, and what a function called `refuse...` is called with.
 */
const messageTexts = {
  shouldIgnore(path) {
    if (!path.isStringLiteral() && !path.isTemplateLiteral()) return undefined;
    const { parentPath } = path;
    if (parentPath.isCallExpression() && /^refuse/.test(parentPath.node.callee.name ?? "")) return reason;
    for (let inner = path, outer = parentPath; outer !== null; inner = outer, outer = outer.parentPath) {
      if (outer.isNewExpression() && outer.get("callee").isIdentifier({ name: "PrumergeError" }))
        return outer.get("arguments")[0]?.node === inner.node ? undefined : reason;
    }
    return undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, "message-texts", messageTexts)];
