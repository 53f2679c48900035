/** Words of the desk screens. */
export default {};
