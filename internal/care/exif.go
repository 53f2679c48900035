package care

import "encoding/binary"

// exifOrientation finds tag 0x0112 of a JPEG file: how the camera was held, 1 to 8. It is 1 when the file says nothing, or
// nothing that makes sense. Every offset in the file is untrusted.
func exifOrientation(file []byte) int {
	tiff := exifBlock(file)
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	const entrySize, tagOrientation, typeShort = 12, 0x0112, 3
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	count := uint64(order.Uint16(tiff[at:]))
	for i := range count {
		e := at + 2 + i*entrySize
		if e+entrySize > uint64(len(tiff)) {
			return 1
		}
		entry := tiff[e : e+entrySize]
		if order.Uint16(entry) != tagOrientation {
			continue
		}
		if order.Uint16(entry[2:]) != typeShort || order.Uint32(entry[4:]) != 1 {
			return 1
		}
		if v := int(order.Uint16(entry[8:])); v >= 1 && v <= 8 {
			return v
		}
		return 1
	}
	return 1
}

// exifBlock finds the TIFF structure in the APP1 segment of a JPEG file, nil when there is none.
func exifBlock(file []byte) []byte {
	if len(file) < 4 || file[0] != 0xFF || file[1] != 0xD8 {
		return nil
	}
	const app1, startOfScan, header = 0xE1, 0xDA, "Exif\x00\x00"
	for at := 2; at+4 <= len(file); {
		if file[at] != 0xFF {
			return nil
		}
		marker := file[at+1]
		if marker == 0xFF { // fill byte
			at++
			continue
		}
		if marker == startOfScan {
			return nil
		}
		length := int(binary.BigEndian.Uint16(file[at+2:]))
		if length < 2 || at+2+length > len(file) {
			return nil
		}
		segment := file[at+4 : at+2+length]
		if marker == app1 && len(segment) > len(header) && string(segment[:len(header)]) == header {
			return segment[len(header):]
		}
		at += 2 + length
	}
	return nil
}
