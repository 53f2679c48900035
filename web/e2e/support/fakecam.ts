/** What a person's camera and microphone show and say. */
export interface FakeMedia {
  /** CSS colour of the picture */
  color: string;
  /** of the tone */
  hertz: number;
}

/**
 * Runs in the page before anything else: camera and microphone become a drawn picture and a tone of their own, so that
 * people who share one browser can be told apart. The picture is small, since the tests share two cores with the server.
 */
export function installFakeMedia({ color, hertz }: FakeMedia): void {
  // A blank page has none.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) return;
  const width = 320;
  const height = 240;
  const perSecond = 12;

  const picture = (): MediaStreamTrack => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("no canvas");
    let drawn = 0;
    const draw = () => {
      const sky = pen.createLinearGradient(0, 0, 0, height);
      sky.addColorStop(0, color);
      sky.addColorStop(1, "#24323f");
      pen.fillStyle = sky;
      pen.fillRect(0, 0, width, height);
      // A head and shoulders, which look like a person in the screenshots.
      pen.fillStyle = "rgba(255, 255, 255, 0.82)";
      pen.beginPath();
      pen.arc(width / 2, 98 + 3 * Math.sin(drawn / 8), 38, 0, 2 * Math.PI);
      pen.fill();
      pen.beginPath();
      pen.ellipse(width / 2, 236, 84, 82, 0, Math.PI, 0);
      pen.fill();
      // What moves tells a live picture from a frozen one.
      pen.fillRect((drawn * 4) % width, height - 4, 24, 4);
      drawn++;
    };
    draw();
    const timer = setInterval(draw, 1000 / perSecond);
    const [track] = canvas.captureStream(perSecond).getVideoTracks();
    if (!track) throw new Error("no picture");
    const stop = track.stop.bind(track);
    track.stop = () => {
      clearInterval(timer);
      stop();
    };
    return track;
  };

  const tone = async (): Promise<MediaStreamTrack> => {
    const audio = new AudioContext();
    const source = audio.createOscillator();
    const gain = audio.createGain();
    const out = audio.createMediaStreamDestination();
    source.frequency.value = hertz;
    gain.gain.value = 0.2;
    source.connect(gain).connect(out);
    source.start();
    await audio.resume();
    const [track] = out.stream.getAudioTracks();
    if (!track) throw new Error("no tone");
    return track;
  };

  devices.getUserMedia = async (wanted) => {
    const stream = new MediaStream();
    if (wanted?.video) stream.addTrack(picture());
    if (wanted?.audio) stream.addTrack(await tone());
    return stream;
  };
}
