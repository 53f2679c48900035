/** The longest edge of a kept picture, px: it is shown dimmed, and only for as long as a line is gone. */
const longest = 640;

/** Keeps what a video element shows now; undefined while it shows nothing. */
export function lastPicture(video: HTMLVideoElement): HTMLCanvasElement | undefined {
  const { videoWidth, videoHeight } = video;
  if (!videoWidth || !videoHeight) return undefined;
  const scale = Math.min(1, longest / Math.max(videoWidth, videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  const pen = canvas.getContext("2d");
  if (!pen) return undefined;
  pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}
