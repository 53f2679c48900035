/** The call room. */
export default {
  inCall: "通话中",
};
