/** Words of the nurse's screens. */
export default {};
